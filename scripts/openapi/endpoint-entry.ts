// What the reference says of one endpoint, and the operation of the OpenAPI document that is made of it.

import * as z from 'zod/mini'
import type { oas31, ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi'
import type { ErrorCode } from '../../src/errors.ts'
import { errorAnswers } from './error-answers.ts'
import {
  EVERY_ANSWER,
  FIGURES,
  type HeaderName,
  headerReferences,
  LIMITS,
  optionalHeaders,
} from './headers.ts'

/** The prose for a parameter; its schema is the contract's. */
export interface ParameterEntry {
  description: string
  /** As a caller would write it; lists as arrays. */
  example?: unknown
  /** A list whose entries are told apart by repeating the parameter instead of by commas. */
  isRepeated?: boolean
}

/** One example of an answer. */
export interface ExampleEntry {
  summary: string
  value: unknown
}

/** One `GET` endpoint: its schemas, the words around them and what can go wrong. */
export interface EndpointEntry {
  path: `/${string}`
  operationId: string
  tag: string
  summary: string
  description: string
  /** The parameters' schemas, and for each of them its prose. */
  query?: z.ZodMiniObject
  parameters: Record<string, ParameterEntry>
  answer: z.ZodMiniType
  answerDescription: string
  examples: Record<string, ExampleEntry>
  /** `figures` and `list` need a key and count against its limits; figures are cached, a list may hold some. */
  kind: 'figures' | 'list' | 'status'
  errors: readonly ErrorCode[]
  /** Headers of a 200 besides those of its kind. */
  answerHeaders?: readonly HeaderName[]
  /** Answers of other statuses that are not errors of the table. */
  otherAnswers?: Record<string, ZodOpenApiResponseObject>
}

/** The errors of every endpoint that needs a key and reads figures. */
export const FIGURES_ERRORS = [
  'invalid_request',
  'missing_api_key',
  'invalid_api_key',
  'domain_not_verified',
  'rate_limited',
  'too_many_concurrent_requests',
  'internal_error',
  'analytics_unavailable',
  'service_unavailable',
  'analytics_quota_exhausted',
  'analytics_timeout',
] as const satisfies ErrorCode[]

const ifNoneMatch: oas31.ParameterObject = {
  in: 'header',
  name: 'If-None-Match',
  description: 'The `ETag` of an earlier answer.',
  schema: { type: 'string' },
  ...exampleOf('"1w8y2kq0c5t3nz"', true),
}

/** The operation of an endpoint. Throws where a parameter has a schema and no prose, or the other way round. */
export function operationOf(entry: EndpointEntry): ZodOpenApiOperationObject {
  const isKeyed = entry.kind !== 'status'
  const headers = headersOf(entry)
  return {
    operationId: entry.operationId,
    tags: [entry.tag],
    summary: entry.summary,
    description: entry.description,
    security: isKeyed ? [{ apiKey: [] }] : [],
    ...(entry.query && {
      requestParams: { query: describedQuery(entry.path, entry.query, entry.parameters) },
    }),
    ...(isKeyed && { parameters: [ifNoneMatch] }),
    responses: {
      '200': {
        description: entry.answerDescription,
        headers,
        content: { 'application/json': { schema: entry.answer, examples: entry.examples } },
      },
      ...(isKeyed && { '304': { description: 'What your `If-None-Match` names still holds.', headers } }),
      ...entry.otherAnswers,
      ...errorAnswers(errorsOf(entry)),
    },
  }
}

/** Every error that the address of an endpoint answers with. */
export function errorsOf({ errors }: EndpointEntry): readonly ErrorCode[] {
  return ['method_not_allowed', ...errors]
}

function headersOf({ kind, answerHeaders = [] }: EndpointEntry): oas31.HeadersObject {
  switch (kind) {
    case 'figures':
      return headerReferences([...EVERY_ANSWER, ...LIMITS, ...FIGURES, ...answerHeaders])
    case 'list':
      return {
        ...optionalHeaders(FIGURES),
        ...headerReferences([...EVERY_ANSWER, ...LIMITS, 'ETag', 'Server-Timing', ...answerHeaders]),
      }
    case 'status':
      return headerReferences([...EVERY_ANSWER, ...answerHeaders])
  }
}

/** The contract's schemas with the prose hung on copies of them, where the generator looks for it. */
function describedQuery(
  path: string,
  query: z.ZodMiniObject,
  parameters: EndpointEntry['parameters'],
): z.ZodMiniObject {
  const described: Record<string, z.core.$ZodType> = {}
  for (const name of new Set([...Object.keys(query.shape), ...Object.keys(parameters)])) {
    const schema = query.shape[name]
    const prose = parameters[name]
    if (schema === undefined || prose === undefined) {
      throw new Error(
        `${path}: parameter ${name} needs both a schema in the contract and a text in its entry`,
      )
    }
    const copy = asRead(schema)
    const param = {
      ...exampleOf(prose.example, schema instanceof z.ZodMiniOptional),
      ...(isList(copy) && ({ style: 'form', explode: prose.isRepeated ?? false } as const)),
    }
    z.globalRegistry.add(copy, { description: prose.description, param })
    described[name] = copy
  }
  return z.object(described)
}

/** Where the reference lets one try it, an example of what may be left out is not sent unless it is ticked. */
function exampleOf(value: unknown, isOptional: boolean): Pick<oas31.ParameterObject, 'example' | 'examples'> {
  if (value === undefined) return {}
  return isOptional ? { examples: { example: { value, 'x-disabled': true } } } : { example: value }
}

/** A copy of a parameter's schema that shows what its text is read as: a number and not digits. */
function asRead(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodMiniOptional) return z.optional(asRead(schema.def.innerType))
  if (schema instanceof z.ZodMiniDefault) {
    return z._default(asRead(schema.def.innerType), () => schema.def.defaultValue)
  }
  if (schema instanceof z.ZodMiniPipe) return asRead(schema.def.out)
  return z.clone(schema)
}

function isList(schema: z.core.$ZodType): boolean {
  const isOptional = schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniDefault
  if (isOptional) return isList(schema.def.innerType)
  return schema instanceof z.ZodMiniArray
}
