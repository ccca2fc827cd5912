// GET /health and GET /ready in the reference.

import { noParameters } from '../../http/query-parameters.ts'
import type { EndpointReference } from '../endpoint-reference.ts'
import { type HealthResponse, healthResponse, type ReadyResponse, readyResponse } from './response.ts'

const healthy: HealthResponse = { status: 'ok', release: '5d1a4c0e-3f0b-4b52-9a3e-0c8f4d6f7a21' }

const ready: ReadyResponse = {
  status: 'ready',
  stores: { database: 'ok', redis: 'ok', analytics: 'ok' },
}

const notReady: ReadyResponse = {
  status: 'not_ready',
  stores: { database: 'ok', redis: 'unreachable', analytics: 'ok' },
}

const refused: ReadyResponse = {
  status: 'not_ready',
  stores: { database: 'ok', redis: 'ok', analytics: 'refused' },
}

/** The text and the example of `GET /health`. */
export const healthReference: EndpointReference = {
  path: '/health',
  operationId: 'getHealth',
  tag: 'Status',
  summary: 'Is the API running?',
  description: 'Returns the release that is running. Does not contact any store.',
  query: noParameters,
  parameters: {},
  response: {
    name: 'HealthResponse',
    schema: healthResponse,
    description: 'The API is running.',
    examples: { running: { summary: 'The API is running', value: healthy } },
  },
  kind: 'status',
  errors: ['invalid_request', 'internal_error'],
}

/** The text and the examples of `GET /ready`. */
export const readyReference: EndpointReference = {
  path: '/ready',
  operationId: 'getReadiness',
  tag: 'Status',
  summary: 'Can the API use its stores?',
  description:
    'Returns whether each store can be reached, and whether the analytics server takes queries at all. The stores are checked at most every 5 seconds, so a response may be that old.',
  query: noParameters,
  parameters: {},
  response: {
    name: 'ReadyResponse',
    schema: readyResponse,
    description: 'All stores can be used.',
    examples: { ready: { summary: 'All stores can be used', value: ready } },
  },
  kind: 'status',
  errors: ['invalid_request', 'internal_error'],
  unavailable: {
    description: 'At least one store cannot be reached, or the analytics server refuses all queries.',
    examples: {
      notReady: { summary: 'Redis cannot be reached', value: notReady },
      refused: { summary: 'The analytics server refuses all queries', value: refused },
    },
  },
}
