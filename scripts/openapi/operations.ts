// The operations of one path in the OpenAPI document: GET and HEAD, those that change something, and OPTIONS.

import * as z from 'zod/mini'
import type { oas31, ZodOpenApiOperationObject, ZodOpenApiPathItemObject } from 'zod-openapi'
import type {
  ChangeReference,
  EndpointReference,
  ParameterText,
  ResponseText,
} from '../../src/endpoints/endpoint-reference.ts'
import { errorReferences } from './error-responses.ts'
import {
  EVERY_RESPONSE,
  FIGURES,
  type HeaderChange,
  type HeaderName,
  headersOf,
  LIMITS,
  NO_STORE,
} from './headers.ts'

/** A token of the platform, or a session of the console. */
const PEOPLE = [{ token: [] }, { session: [] }]

const ifNoneMatch: oas31.ParameterObject = {
  in: 'header',
  name: 'If-None-Match',
  description: 'The `ETag` of an earlier response.',
  schema: { type: 'string' },
  ...exampleOf('W/"1w8y2kq0c5t3nzQ4Xb7e"', true),
}

/**
 * All operations of a path, which is read, or changed, or both. Throws if a parameter has a schema but no text, or the other
 * way around.
 */
export function operationsOf(
  reading: EndpointReference | undefined,
  changes: readonly ChangeReference[],
): ZodOpenApiPathItemObject {
  const [subject] = reading ? [reading] : changes
  return {
    ...(reading && { get: getOperation(reading), head: headOperation(reading) }),
    ...Object.fromEntries(changes.map((change) => [change.method, changeOperation(change)])),
    ...(subject && { options: optionsOperation(subject) }),
  }
}

function changeOperation(reference: ChangeReference): ZodOpenApiOperationObject {
  const { body, response } = reference
  const headers = headersOf([...EVERY_RESPONSE, ...LIMITS], {
    'Cache-Control': NO_STORE,
    Vary: { example: 'Origin' },
  })
  return {
    operationId: reference.operationId,
    tags: [reference.tag],
    summary: reference.summary,
    description: reference.description,
    security: PEOPLE,
    requestParams: parametersByPlace(
      reference.path,
      describedQuery(reference.path, reference.query, reference.parameters),
    ),
    ...(body && {
      requestBody: {
        required: body.isRequired,
        content: { 'application/json': { schema: body.schema, examples: body.examples } },
      },
    }),
    responses: {
      ...(response
        ? {
            '201': {
              description: response.description,
              headers,
              content: { 'application/json': { schema: response.schema, examples: response.examples } },
            },
          }
        : { '204': { description: 'It is done.', headers } }),
      ...errorReferences(reference.errors),
    },
  }
}

function getOperation(reference: EndpointReference): ZodOpenApiOperationObject {
  const { response, unavailable } = reference
  const withBody = (text: ResponseText) => ({
    content: { 'application/json': { schema: response.schema, examples: text.examples } },
  })
  return {
    operationId: reference.operationId,
    tags: [reference.tag],
    summary: reference.summary,
    description: reference.description,
    ...requestOf(reference),
    responses: {
      '200': {
        description: response.description,
        headers: successHeaders(reference),
        content: { ...withBody(response).content, ...csvContent(reference) },
      },
      ...notModified(reference),
      ...errorReferences(reference.errors),
      ...(unavailable && {
        '503': {
          description: unavailable.description,
          headers: unavailableHeaders(),
          ...withBody(unavailable),
        },
      }),
    },
  }
}

function csvContent({ csv }: EndpointReference) {
  if (csv === undefined) return {}
  const examples = { csv: { summary: 'A CSV file', value: csv } }
  return { 'text/csv': { schema: { type: 'string' } as const, examples } }
}

function headOperation(reference: EndpointReference): ZodOpenApiOperationObject {
  const { response, unavailable } = reference
  return {
    operationId: nameFor('head', reference),
    tags: [reference.tag],
    summary: `${reference.summary} (headers only)`,
    description: 'The same response as for GET, without its body.',
    ...requestOf(reference),
    responses: {
      '200': { description: response.description, headers: successHeaders(reference) },
      ...notModified(reference),
      ...errorReferences(reference.errors, { bodiless: true }),
      ...(unavailable && {
        '503': { description: unavailable.description, headers: unavailableHeaders() },
      }),
    },
  }
}

function optionsOperation(reference: EndpointReference | ChangeReference): ZodOpenApiOperationObject {
  return {
    operationId: nameFor('options', reference),
    tags: [reference.tag],
    summary: `${reference.summary} (methods)`,
    description:
      'Lists the methods of the path, and responds to the preflight request of a browser. Any other method is a 405.',
    security: [],
    ...pathParametersOf(reference),
    responses: {
      '204': { $ref: '#/components/responses/Options' },
      // OPTIONS itself is never refused. This is the response to methods without an operation.
      ...errorReferences(['method_not_allowed']),
    },
  }
}

function nameFor(method: string, { operationId }: Pick<EndpointReference, 'operationId'>): string {
  const name = operationId.replace(/^get/, '')
  return `${method}${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

const SECURITY: Record<EndpointReference['kind'], Record<string, string[]>[]> = {
  figures: [{ apiKey: [] }, { session: [] }],
  list: [{ apiKey: [] }, { session: [] }],
  people: PEOPLE,
  status: [],
}

function isCached(kind: EndpointReference['kind']): boolean {
  return kind === 'figures' || kind === 'list'
}

function requestOf({ path, kind, query, parameters }: EndpointReference) {
  return {
    security: SECURITY[kind],
    requestParams: parametersByPlace(path, describedQuery(path, query, parameters)),
    ...(isCached(kind) && { parameters: [ifNoneMatch] }),
  }
}

/** OPTIONS takes no parameters but those of its path. */
function pathParametersOf({ path, query, parameters }: EndpointReference | ChangeReference) {
  const { path: inPath } = parametersByPlace(path, describedQuery(path, query, parameters))
  return inPath && { requestParams: { path: inPath } }
}

/** The parameters in braces are the path's, all others the query's. */
function parametersByPlace(path: string, { shape }: z.ZodMiniObject) {
  const isInPath = ([name]: [string, unknown]) => path.includes(`{${name}}`)
  const fields = Object.entries(shape)
  const inPath = fields.filter(isInPath)
  const query = z.object(Object.fromEntries(fields.filter((field) => !isInPath(field))))
  return { query, ...(inPath.length > 0 && { path: z.object(Object.fromEntries(inPath)) }) }
}

function notModified(reference: EndpointReference) {
  if (!isCached(reference.kind)) return {}
  const description = 'Nothing has changed since the response whose `ETag` you sent in `If-None-Match`.'
  return { '304': { description, headers: successHeaders(reference) } }
}

function unavailableHeaders(): oas31.HeadersObject {
  return headersOf([...EVERY_RESPONSE, 'Retry-After'], {
    'Cache-Control': NO_STORE,
    Vary: { example: 'Origin' },
    'Retry-After': { example: 5 },
  })
}

/** Headers of a 200 and a 304. */
function successHeaders({ kind, hasLinks, csv }: EndpointReference): oas31.HeadersObject {
  if (!isCached(kind)) {
    const names = kind === 'people' ? [...EVERY_RESPONSE, ...LIMITS] : EVERY_RESPONSE
    return headersOf(names, { 'Cache-Control': NO_STORE, Vary: { example: 'Origin' } })
  }
  const names = [
    ...EVERY_RESPONSE,
    ...LIMITS,
    ...FIGURES,
    ...(hasLinks ? (['Link'] as const) : []),
    ...(csv === undefined ? [] : (['Content-Disposition'] as const)),
  ]
  const figures: HeaderChange = { schema: { type: 'string', pattern: '^private, max-age=\\d+$' } }
  const list: Partial<Record<HeaderName, HeaderChange>> = {
    'Cache-Control': {
      schema: { type: 'string', pattern: '^private, (max-age=\\d+|no-cache)$' },
    },
    Age: { required: false },
    'Cache-Status': { required: false },
  }
  return headersOf(names, kind === 'list' ? list : { 'Cache-Control': figures })
}

/** The schemas of the parameters with the texts attached to copies of them, where the generator reads them. */
function describedQuery(
  path: string,
  query: z.ZodMiniObject,
  parameters: Record<string, ParameterText>,
): z.ZodMiniObject {
  const described: Record<string, z.core.$ZodType> = {}
  for (const name of new Set([...Object.keys(query.shape), ...Object.keys(parameters)])) {
    const schema = query.shape[name]
    const text = parameters[name]
    if (schema === undefined || text === undefined) {
      throw new Error(
        `${path}: parameter ${name} needs both a schema in parameters.ts and a text in reference.ts`,
      )
    }
    const copy = asParsed(schema)
    const param = {
      description: text.description,
      ...exampleOf(text.example, schema instanceof z.ZodMiniOptional),
      ...(isList(copy) && ({ style: 'form', explode: text.isRepeated ?? false } as const)),
    }
    // An importer fills in a value of its own if there is no default. An empty list of repeated values is not sent.
    const fallback = text.isRepeated ? [] : text.default
    z.globalRegistry.add(copy, { param, ...(fallback !== undefined && { default: fallback }) })
    described[name] = copy
  }
  return z.object(described)
}

/** Samples of requests send an `example`. The one of an optional parameter is an entry of `examples`, which they leave out. */
function exampleOf(value: unknown, isOptional: boolean): Pick<oas31.ParameterObject, 'example' | 'examples'> {
  if (value === undefined) return {}
  return isOptional ? { examples: { example: { value } } } : { example: value }
}

/** A copy of a parameter's schema that describes the parsed value: a number instead of digits. */
function asParsed(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodMiniOptional) return z.optional(asParsed(schema.def.innerType))
  if (schema instanceof z.ZodMiniDefault) {
    return z._default(asParsed(schema.def.innerType), () => schema.def.defaultValue)
  }
  if (schema instanceof z.ZodMiniPipe) return asParsed(schema.def.out)
  return z.clone(schema)
}

function isList(schema: z.core.$ZodType): boolean {
  const isOptional = schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniDefault
  if (isOptional) return isList(schema.def.innerType)
  return schema instanceof z.ZodMiniArray
}
