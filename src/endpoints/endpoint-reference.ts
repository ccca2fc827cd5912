// The shape of an endpoint's reference text, and the texts that several endpoints share. The Worker does not import it.

import type * as z from 'zod/mini'
import { INTERVALS } from '../analytics/analytics-store.ts'
import type { ErrorCode } from '../http/errors.ts'
import { DEFAULT_PERIOD, REQUEST_PERIODS } from './window-parameters.ts'

/** The text for one parameter. Its schema is in the endpoint's `parameters.ts`. */
export interface ParameterText {
  description: string
  /** As a caller would write it; a list as an array. */
  example?: unknown
  /** The value that applies without the parameter, if the schema does not contain it. */
  default?: unknown
  /** True if the values of a list are sent as repeated parameters, false if they are separated by commas. */
  isRepeated?: boolean
}

/** One example of a response body. */
export interface ResponseExample {
  summary: string
  value: unknown
}

/** One response with a JSON body. */
export interface ResponseText {
  description: string
  /** The first one agrees with the examples of the response headers. */
  examples: Record<string, ResponseExample>
}

/** One `GET` endpoint in the reference: its schemas, the text around them, and the errors it returns. */
export interface EndpointReference {
  /** With each path parameter in braces: `/analytics/jobs/{id}/sources`. */
  path: `/${string}`
  /** Begins with `get` or `list`. */
  operationId: string
  tag: 'Analytics' | 'Jobs' | 'Usage' | 'API keys' | 'Status'
  summary: string
  description: string
  /** The schemas of the parameters, those of the path included. */
  query: z.ZodMiniObject
  /** One text for each parameter. */
  parameters: Record<string, ParameterText>
  /** The 200. `name` is the name of its schema. */
  response: ResponseText & { name: string; schema: z.ZodMiniType }
  /** The 200 as a CSV file, if there is one. */
  csv?: string
  /** Parts of the response that have a name of their own in the document. */
  schemas?: Record<string, z.ZodMiniType>
  /**
   * `figures` and `list` require a key or a session and count against its limits. Figures are cached; a list may include some, and
   * usage none.
   * `people` requires a session or a token.
   */
  kind: 'figures' | 'list' | 'people' | 'status'
  errors: readonly ErrorCode[]
  /** True if a 200 has a `Link` header. */
  hasLinks?: boolean
  /** A 503 with the body of the 200 instead of an error. */
  unavailable?: ResponseText
}

/** One operation in the reference that changes something. Only people may use it. */
export interface ChangeReference {
  path: `/${string}`
  method: 'post' | 'delete'
  operationId: string
  tag: EndpointReference['tag']
  summary: string
  description: string
  /** The schemas of the parameters in the path. */
  query: z.ZodMiniObject
  parameters: Record<string, ParameterText>
  body?: { schema: z.ZodMiniType; isRequired: boolean; examples: Record<string, ResponseExample> }
  /** The 201; a 204 without it. */
  response?: EndpointReference['response']
  errors: readonly ErrorCode[]
}

/** The errors of every endpoint that requires a key and reads figures. */
export const FIGURES_ERRORS = [
  'invalid_request',
  'missing_api_key',
  'invalid_api_key',
  'invalid_session',
  'domain_not_verified',
  'rate_limited',
  'too_many_concurrent_requests',
  'internal_error',
  'analytics_unavailable',
  'service_unavailable',
  'analytics_quota_exhausted',
  'analytics_timeout',
] as const satisfies ErrorCode[]

const UNITS = { d: 'day', mo: 'month' } as const

/** One sentence that says which days each of these periods covers. Throws for a period without a text. */
export function describePeriods(periods: readonly string[]): string {
  const parts = periods.map((period) => {
    if (period === 'today') return '`today` is the current day so far'
    const [, number, unit] = /^(\d+)(d|mo)$/.exec(period) ?? []
    if (unit !== 'd' && unit !== 'mo') throw new Error(`There is no text for the period ${period}`)
    return `\`${period}\` is ${number === '1' ? `the ${UNITS[unit]}` : `the ${number} ${UNITS[unit]}s`} before today`
  })
  return `${listOf(parts, 'and')}.`
}

/** The texts of the parameters that select the days. `condition` is a sentence that begins each of them, or nothing. */
export function windowTexts(condition = ''): Record<'period' | 'from' | 'to', ParameterText> {
  const before = condition && `${condition} `
  return {
    period: {
      description: `${before}The days to count; the default is \`${DEFAULT_PERIOD}\`. ${describePeriods(REQUEST_PERIODS)} Months are counted from the same day of the month as today.`,
      example: DEFAULT_PERIOD,
    },
    from: {
      description: `${before}The first day to count, instead of \`period\`. Requires \`to\`.`,
      example: '2026-01-01',
    },
    to: {
      description: `${before}The last day to count. It must not be after today. Requires \`from\`.`,
      example: '2026-01-31',
    },
  }
}

/** The text of the parameter that selects the format. `rows` says what the rows of a CSV file are. */
export function formatText(rows: string): ParameterText {
  return {
    description: `The format of the response. \`csv\` is a file with ${rows}, and so is \`Accept: text/csv\` without this parameter. Errors are JSON in every format. A text that a spreadsheet would run as a formula begins with \`'\`.`,
    example: 'csv',
    default: 'json',
  }
}

/** The intervals as words: "day, week, or month". */
export const INTERVAL_WORDS = listOf(INTERVALS, 'or')

/** A list as it is written in a sentence. */
function listOf(words: readonly string[], conjunction: 'and' | 'or'): string {
  return new Intl.ListFormat('en-US', { type: conjunction === 'and' ? 'conjunction' : 'disjunction' }).format(
    words,
  )
}
