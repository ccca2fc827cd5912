// GET /health and GET /ready in the reference.

import { type HealthAnswer, healthAnswer, type ReadyAnswer, readyAnswer } from '../../src/answers/status.ts'
import type { EndpointEntry } from './endpoint-entry.ts'
import { EVERY_ANSWER, headerReferences } from './headers.ts'

const healthy: HealthAnswer = { status: 'ok', release: '5d1a4c0e-3f0b-4b52-9a3e-0c8f4d6f7a21' }

const ready: ReadyAnswer = {
  status: 'ready',
  stores: { database: 'ok', redis: 'ok', analytics: 'ok' },
}

const notReady: ReadyAnswer = {
  status: 'not_ready',
  stores: { database: 'ok', redis: 'unreachable', analytics: 'ok' },
}

export const healthEntry: EndpointEntry = {
  path: '/health',
  operationId: 'getHealth',
  tag: 'Status',
  summary: 'Does it run?',
  description: 'The release that answers. No store is asked.',
  parameters: {},
  answer: healthAnswer,
  answerDescription: 'It runs.',
  examples: { running: { summary: 'It runs', value: healthy } },
  kind: 'status',
  errors: ['internal_error'],
}

export const readyEntry: EndpointEntry = {
  path: '/ready',
  operationId: 'getReadiness',
  tag: 'Status',
  summary: 'Can it reach its stores?',
  description: 'Looked at no more than every 5 seconds, so an answer may be that old.',
  parameters: {},
  answer: readyAnswer,
  answerDescription: 'All stores can be reached.',
  examples: { ready: { summary: 'All there', value: ready } },
  kind: 'status',
  errors: ['internal_error'],
  otherAnswers: {
    '503': {
      description: 'A store cannot be reached.',
      headers: headerReferences([...EVERY_ANSWER, 'Retry-After']),
      content: {
        'application/json': {
          schema: readyAnswer,
          examples: { notReady: { summary: 'Redis is away', value: notReady } },
        },
      },
    },
  },
}
