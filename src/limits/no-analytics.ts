// Replaces, in the bundle, the part of the rate-limit library that counts requests. It is never switched on.

/** Throws, because these analytics count nothing and must not be turned on by mistake. */
export class Analytics {
  constructor() {
    throw new Error(
      'The rate-limit library’s analytics are left out of the bundle; see [alias] in wrangler.toml.',
    )
  }
}
