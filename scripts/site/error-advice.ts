// The cause of each error and what to do about it, for the page that the `docs` link of an error opens.

import type { ErrorCode } from '../../src/http/errors.ts'

/** In plain text. */
export const ERROR_ADVICE: Record<ErrorCode, { cause: string; remedy: string }> = {
  invalid_request: {
    cause: 'A parameter is missing, unknown, or has an invalid value.',
    remedy:
      'Read details: each entry names a parameter and says what is wrong with it. The message repeats the first entry. The same request will fail again.',
  },
  missing_api_key: {
    cause: 'The request has no x-api-key header, or the header is empty.',
    remedy: 'Send the key in this header. A key in the URL or in the Authorization header is ignored.',
  },
  invalid_api_key: {
    cause:
      'The key was never issued, was revoked, or has expired. For security, the response does not say which.',
    remedy:
      'Compare your key with the one that you received: jak_ and 42 letters and digits. If they are the same, ask the platform for a new key.',
  },
  invalid_session: {
    cause: 'The request has no session of the console, or the session has ended or was altered.',
    remedy: 'Open the console from your job board again. A session lasts 8 hours.',
  },
  invalid_token: {
    cause:
      'The token in the Authorization header has a wrong signature or a wrong claim, has expired, or was used before.',
    remedy:
      'Sign a new token for each request, with an exp of at most 300 seconds after iat and a jti of its own. Compare the clock of your server.',
  },
  key_not_allowed: {
    cause: 'The request has an x-api-key header. A key that leaks must not be able to create further keys.',
    remedy: 'Leave out the header. Sign in to the console, or let the platform sign a token.',
  },
  origin_not_allowed: {
    cause: 'A change was requested with a session but not from a page of the console itself.',
    remedy: 'Make the change in the console. A program sends a token of the platform instead of a session.',
  },
  role_required: {
    cause: 'The platform signed you in with the role viewer, and only an admin may change API keys.',
    remedy: 'Ask the platform for the role admin, and open the console again.',
  },
  domain_not_verified: {
    cause: 'Visits are counted per domain, and your organization has not yet verified its domain.',
    remedy: 'Verify the domain with the platform. Your key does not change.',
  },
  job_access_denied: {
    cause:
      'At least one job does not exist or belongs to another organization. For security, the response does not say which.',
    remedy: 'Remove or correct the IDs in job_ids. A deleted job no longer belongs to your organization.',
  },
  not_found: {
    cause: 'There is no endpoint at this path.',
    remedy:
      'Compare the path with the reference, upper and lower case included. A slash at its end makes no difference.',
  },
  key_not_found: {
    cause:
      'There is no key with this ID, or it belongs to another organization. For security, the response does not say which.',
    remedy: 'Take the ID from the list of keys. The ID is not the key itself.',
  },
  method_not_allowed: {
    cause: 'The endpoint exists but does not support this method.',
    remedy: 'Use a method from the Allow header. Figures and jobs are read with GET.',
  },
  too_many_keys: {
    cause: 'An organization may have 20 active keys, and as many that are about to expire.',
    remedy: 'Revoke a key that nobody uses any more: the list shows when each was last used.',
  },
  key_not_active: {
    cause: 'Only an active key can be rotated, and it has one successor.',
    remedy: 'Create a new key. If the key was rotated before, its successor is in the list.',
  },
  rate_limited: {
    cause: 'The key has used all requests of its rate limit.',
    remedy:
      'Wait for the seconds in Retry-After. You can request up to 100 jobs at once, and the RateLimit header contains the number of requests left.',
  },
  too_many_concurrent_requests: {
    cause: 'The key already has its maximum number of requests in progress.',
    remedy:
      'Start the next request when one of them has ended. The time in Retry-After is advice. Programs that use the same key share its slots, so give each program its own key.',
  },
  internal_error: {
    cause: 'There is a bug in the API.',
    remedy: 'Try again. If the error persists, send the request_id to the platform.',
  },
  analytics_unavailable: {
    cause:
      'The analytics store refused the query or returned an unusable response, and there are no cached figures for it.',
    remedy: 'Wait for the seconds in Retry-After and try again, but only a few times.',
  },
  service_unavailable: {
    cause:
      'The database of keys and jobs cannot be reached, or for the counts of your requests the store that holds them.',
    remedy: 'Wait for the seconds in Retry-After, then try again. Your key is not the reason.',
  },
  analytics_quota_exhausted: {
    cause:
      'The analytics store accepts a limited number of queries per hour, and all queries available to your organization are used.',
    remedy:
      'Wait for the seconds in Retry-After, which can be up to an hour. Figures that are cached are still returned.',
  },
  analytics_timeout: {
    cause: 'The analytics store did not respond in time.',
    remedy: 'Try again. If the error persists, request fewer jobs or a shorter period.',
  },
}
