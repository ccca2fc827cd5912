// GET /usage in the reference.

import { MAX_USAGE_DAYS } from '../../usage/usage.ts'
import { type EndpointReference, formatText } from '../endpoint-reference.ts'
import { usageParameters } from './parameters.ts'
import { type UsageResponse, usageResponse } from './response.ts'

const KEY = '5a0d7c1e-94b2-4f36-8e17-2b6f9c3d4a58'

const twoDays: UsageResponse = {
  data: {
    days: [
      {
        date: '2026-01-29',
        keys: [{ key_id: KEY, served: 24, cached: 261, rate_limited: 3, concurrency_limited: 1, failed: 2 }],
      },
      {
        date: '2026-01-30',
        keys: [{ key_id: KEY, served: 2, cached: 40, rate_limited: 0, concurrency_limited: 0, failed: 0 }],
      },
    ],
    today: { requests: 42 },
  },
  meta: { from: '2026-01-29', to: '2026-01-30', time_zone: 'UTC' },
}

const noRequests: UsageResponse = {
  data: { days: [{ date: '2026-01-30', keys: [] }], today: { requests: 0 } },
  meta: { from: '2026-01-30', to: '2026-01-30', time_zone: 'UTC' },
}

/** The text and the examples. */
export const usageReference: EndpointReference = {
  path: '/usage',
  operationId: 'getUsage',
  tag: 'Usage',
  summary: 'Requests of your key',
  description: `Returns how many requests your key made on each of the last days, by how they ended:

- \`served\`: a success whose figures came from the analytics store, or that has no figures
- \`cached\`: a success whose figures all came from the cache
- \`rate_limited\` and \`concurrency_limited\`: refused with a 429 for the rate or for the requests in progress
- \`failed\`: every other error

Days are days of UTC. A day without requests has no keys. \`today.requests\` is the sum of today. A request is counted after its response, so a request to this endpoint does not count itself.

The counts are never too high. They may be too low by a few, because refusals that cost no request to a store are counted a little later, and by all requests that were made while the counter was unreachable.`,
  query: usageParameters,
  parameters: {
    days: {
      description: `How many days to return, today included. Requests are kept for ${MAX_USAGE_DAYS} days.`,
      example: 7,
    },
    format: formatText('one row per day and key'),
  },
  response: {
    name: 'UsageResponse',
    schema: usageResponse,
    description: 'The requests of each day, the oldest day first.',
    examples: {
      twoDays: { summary: 'Two days', value: twoDays },
      noRequests: { summary: 'A day without requests', value: noRequests },
    },
  },
  csv: `date,key_id,served,cached,rate_limited,concurrency_limited,failed\r\n2026-01-29,${KEY},24,261,3,1,2\r\n2026-01-30,${KEY},2,40,0,0,0\r\n`,
  kind: 'list',
  errors: [
    'invalid_request',
    'missing_api_key',
    'invalid_api_key',
    'rate_limited',
    'too_many_concurrent_requests',
    'internal_error',
    'service_unavailable',
  ],
}
