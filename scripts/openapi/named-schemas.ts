// The schemas that have a name of their own in the OpenAPI document, so that generated clients get named types.

import * as z from 'zod/mini'
import { DIMENSIONS, INTERVALS } from '../../src/analytics/analytics-store.ts'
import { METRICS } from '../../src/analytics/figures.ts'
import { JOB_STATUSES } from '../../src/directory/directory.ts'
import { JOB_METRICS } from '../../src/endpoints/job-figures.ts'
import { LIST_SORTS } from '../../src/endpoints/job-list/parameters.ts'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import { errorResponse, parameterProblem, problemResponse } from '../../src/http/error-response.ts'
import { ERRORS } from '../../src/http/errors.ts'
import { CHANGES, ENDPOINTS } from './endpoints.ts'

/** Words that parameters and responses share. */
const WORDS: Record<string, readonly string[]> = {
  Period: REQUEST_PERIODS,
  Interval: INTERVALS,
  Metric: METRICS,
  JobMetric: JOB_METRICS,
  Dimension: DIMENSIONS,
  JobStatus: JOB_STATUSES,
  JobSort: LIST_SORTS,
  ErrorCode: Object.keys(ERRORS),
}

/** Every named schema, by name. */
export const NAMED_SCHEMAS: Record<string, z.ZodMiniType> = {
  ...Object.fromEntries(ENDPOINTS.map(({ response }) => [response.name, response.schema])),
  ...Object.fromEntries(
    CHANGES.flatMap(({ response }) => (response ? [[response.name, response.schema]] : [])),
  ),
  ...Object.assign({}, ...ENDPOINTS.map(({ schemas }) => schemas)),
  Error: errorResponse.shape.error,
  ProblemDetails: problemResponse,
  ParameterProblem: parameterProblem,
  ...Object.fromEntries(Object.entries(WORDS).map(([name, words]) => [name, z.enum(words)])),
}

/** A copy of this part of a document in which every list of shared words, below the top, refers to the named schema. */
export function withNamedWords<Part>(part: Part): Part
export function withNamedWords(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(referred)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, referred(inner)]))
}

function referred(part: unknown): unknown {
  const name = nameOfWords(part)
  if (name === undefined || typeof part !== 'object') return withNamedWords(part)
  const { type: _type, enum: _enum, ...others } = part as Record<string, unknown>
  return { $ref: `#/components/schemas/${name}`, ...others }
}

function nameOfWords(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null || !('enum' in part) || !Array.isArray(part.enum))
    return undefined
  const words = part.enum.join()
  return Object.keys(WORDS).find((name) => WORDS[name]?.join() === words)
}
