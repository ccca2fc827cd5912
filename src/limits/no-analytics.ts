// Replaces, in the bundle, the part of the rate-limit library that counts requests. It is never switched on.

/** Throws, so that nobody switches it on without noticing that it counts nothing. */
export class Analytics {
  constructor() {
    throw new Error(
      'The rate-limit library’s analytics are left out of the bundle; see [alias] in wrangler.toml.',
    )
  }
}
