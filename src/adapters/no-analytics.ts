// Takes the place, in the bundle, of the part of the rate-limit library that counts requests: it is never switched on.

/** Refuses to be used, so that nobody switches it on and counts nothing. */
export class Analytics {
  constructor() {
    throw new Error(
      'The rate-limit library’s analytics are left out of the bundle; see [alias] in wrangler.toml.',
    )
  }
}
