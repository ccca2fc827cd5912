// What to do about each error, for the page that `docs` in an error leads to.

import type { ErrorCode } from '../../src/errors.ts'

/** Why it comes and what helps, in plain text. */
export const ERROR_ADVICE: Record<ErrorCode, { cause: string; remedy: string }> = {
  invalid_request: {
    cause: 'A parameter is missing, misspelt or has a value that it cannot have.',
    remedy:
      'Each entry of details names a parameter and says what it may be. The same request will fail again.',
  },
  missing_api_key: {
    cause: 'The request has no x-api-key header, or an empty one.',
    remedy: 'Send the key in that header. A key in the address or in Authorization is not looked at.',
  },
  invalid_api_key: {
    cause: 'The key was never issued, has been revoked or has expired; which of these is not told.',
    remedy:
      'Compare it with the one you were given: jak_ and 42 letters and digits. If it is the same, ask the platform for a new one.',
  },
  domain_not_verified: {
    cause: 'Figures are kept by domain, and your organization has not shown yet that its domain is its own.',
    remedy: 'Verify the domain with the platform. The key stays as it is.',
  },
  job_access_denied: {
    cause:
      'At least one of the jobs does not exist or is another organization’s; which of the two is not told.',
    remedy:
      'Leave out the jobs of job_ids, or correct them. A job that was deleted is no longer among yours.',
  },
  not_found: {
    cause: 'There is no endpoint at this path.',
    remedy: 'Compare the path with the reference. A slash at its end makes it another one.',
  },
  method_not_allowed: {
    cause: 'The endpoint is there but does not take this method.',
    remedy: 'Use one of the methods in the Allow header. All figures are read with GET.',
  },
  rate_limited: {
    cause: 'The key has made as many requests as it may in the last 60 seconds.',
    remedy:
      'Wait for the seconds in Retry-After: you are admitted then. Ask for up to 100 jobs in one request, and read RateLimit to see how many are left.',
  },
  too_many_concurrent_requests: {
    cause: 'Ten requests of this key are under way already.',
    remedy:
      'Start the next one when one of them has ended. Several programs with one key share its places; give each a key of its own.',
  },
  internal_error: {
    cause: 'A bug on our side.',
    remedy: 'Trying again may help. If it persists, tell the platform the request_id.',
  },
  analytics_unavailable: {
    cause:
      'The store that counts visits refused or sent something unusable, and no recent figures are kept for these jobs.',
    remedy: 'Try again after the seconds in Retry-After, a few times at most.',
  },
  service_unavailable: {
    cause: 'The database that knows keys and jobs cannot be reached.',
    remedy: 'Try again after the seconds in Retry-After. Your key is not the reason.',
  },
  analytics_quota_exhausted: {
    cause:
      'The store that counts visits takes a number of queries an hour from all of us together, and they are spent.',
    remedy:
      'Wait for the seconds in Retry-After, up to an hour. Jobs that were asked for lately are still answered.',
  },
  analytics_timeout: {
    cause: 'The store that counts visits did not answer in time.',
    remedy: 'Try again, with fewer jobs or a shorter period if it persists.',
  },
}
