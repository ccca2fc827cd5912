// Reads the OpenAPI document for the pages: its operations, with every reference resolved.

import type { oas31 } from 'zod-openapi'

/** The OpenAPI document. */
export type ReferenceDocument = Pick<
  oas31.OpenAPIObject,
  'info' | 'servers' | 'tags' | 'paths' | 'components'
>

/** What the pages read of a JSON schema. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  minimum?: number
  maximum?: number
  description?: string
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  allOf?: Schema[]
}

/** A parameter, a header, or the body of one content type: something with a schema and examples. */
export interface Described {
  description?: string
  required?: boolean
  explode?: boolean
  schema?: Schema
  example?: unknown
  examples?: Record<string, { summary?: string; value?: unknown }>
}

/** A parameter of an operation. */
export interface Parameter extends Described {
  name: string
  in: string
}

/** A response of an operation. */
export interface ResponseEntry {
  description: string
  headers: Record<string, Described>
  content: Record<string, Described>
}

/** One operation, with references resolved and its parts in the document's order. */
export interface Operation {
  id: string
  /** In capitals, such as `GET`. */
  method: string
  path: string
  summary: string
  description: string
  tag: string
  /** The names of the security schemes of which one is required; empty if none is. */
  security: string[]
  parameters: Parameter[]
  /** The JSON body of the request, if there is one. */
  body: Described | undefined
  responses: { status: string; response: ResponseEntry }[]
}

/** Methods that work the same way on every path. They are shown beside the other methods of their path. */
const COMPANIONS = ['HEAD', 'OPTIONS']
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const

/**
 * Resolves a reference within the document; anything else is returned as it is. The caller names the kind of part that it is. Throws
 * for a reference to nothing.
 */
export function resolve<Part>(document: ReferenceDocument, part: unknown): Part {
  const { $ref } = part as { $ref?: string }
  if ($ref === undefined) return part as Part
  const names = $ref.replace(/^#\//, '').split('/')
  const target = names.reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], document)
  if (target === undefined) throw new Error(`${$ref} is not in the document`)
  return resolve(document, target)
}

/** Every operation of the document, path by path. */
export function operationsOf(document: ReferenceDocument): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation ? [readOperation(document, path, method, operation)] : []
    }),
  )
}

/** True for HEAD and OPTIONS. */
export function isCompanion({ method }: Operation): boolean {
  return COMPANIONS.includes(method)
}

/** True if the API key of an organization is one of the ways to be let in. */
export function takesKey({ security }: Operation): boolean {
  return security.includes('apiKey')
}

/** The example of a parameter, a header or a body, the first of several; undefined if there is none. */
export function exampleOf({ example, examples = {} }: Described): unknown {
  return example ?? Object.values(examples)[0]?.value
}

function readOperation(
  document: ReferenceDocument,
  path: string,
  method: string,
  operation: oas31.OperationObject,
): Operation {
  const { operationId = `${method} ${path}`, summary = path, description = '', tags = [] } = operation
  const { requestBody, security = [], parameters = [], responses = {} } = operation
  const body = requestBody && resolve<{ content: Record<string, Described> }>(document, requestBody)
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    summary,
    description,
    tag: tags[0] ?? '',
    security: security.flatMap((scheme) => Object.keys(scheme)),
    parameters: parameters.map((parameter) => resolve<Parameter>(document, parameter)),
    body: body?.content['application/json'],
    responses: Object.entries(responses).map(([status, response]) => ({
      status,
      response: readResponse(document, response),
    })),
  }
}

function readResponse(document: ReferenceDocument, part: unknown): ResponseEntry {
  const { description, headers = {}, content = {} } = resolve<Partial<ResponseEntry>>(document, part)
  const resolved = Object.entries(headers).map(
    ([name, header]) => [name, resolve<Described>(document, header)] as const,
  )
  return { description: description ?? '', headers: Object.fromEntries(resolved), content }
}
