// Compares a response with openapi.json: status, headers, and body. Runs in Node and in workerd, which has no `eval`.

import { type Schema, Validator } from '@cfworker/json-schema'
import * as z from 'zod/mini'
import openapi from '../../openapi.json' with { type: 'json' }

/** A response as it was received; `body` is its whole text. */
export interface ReceivedResponse {
  status: number
  headers: Headers
  body: string
}

const reference = z.object({ $ref: z.string() })
const jsonSchema = z.record(z.string(), z.unknown())
type Reference = z.infer<typeof reference>

const header = z.object({ required: z.optional(z.boolean()), schema: jsonSchema })
type Header = z.infer<typeof header>

const examples = z.record(z.string(), z.object({ value: z.unknown() }))

const described = z.object({
  headers: z.record(z.string(), z.union([reference, header])),
  content: z.optional(z.record(z.string(), z.object({ schema: jsonSchema, examples }))),
})
type Described = z.infer<typeof described>

const operation = z.object({ responses: z.record(z.string(), z.union([reference, described])) })
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.object({
      schemas: z.record(z.string(), jsonSchema),
      headers: z.record(z.string(), header),
      responses: z.record(z.string(), described),
    }),
    'x-unknown-path': described,
  })
  .parse(openapi)

/** Headers that HTTP and the platform add. They are no part of this API. */
const TRANSPORT_HEADERS =
  /^(connection|content-encoding|content-length|content-type|date|keep-alive|transfer-encoding|cf-.*|server)$/

/** Additional headers of the response to a CORS preflight. */
const PREFLIGHT_HEADERS = /^access-control-allow-(methods|headers)$|^access-control-max-age$/

/** Pages for people, which the document does not describe. */
const PAGES = /^\/$|^\/(docs|console)(\/|$)|^\/openapi\.json$/

/**
 * Every difference between a response and openapi.json, for `method` and `target` (a path or a URL): one sentence for each
 * problem, none where it conforms. Fields and headers that the document does not name are problems too.
 */
export function checkResponse(method: string, target: string, received: ReceivedResponse): string[] {
  const { pathname } = new URL(target, 'http://localhost')
  if (PAGES.test(pathname) || isPageForWrongAddress(pathname, received)) return []
  const expected = describedResponse(method, pathname, received.status)
  const where = `${method} ${pathname} ${received.status}`
  if (expected === undefined) return [`${where}: openapi.json does not describe this status`]
  return [
    ...missingHeaders(expected.headers, received.headers),
    ...wrongHeaders(method, expected.headers, received.headers),
    ...bodyProblems(method, expected, received),
  ].map((problem) => `${where}: ${problem}`)
}

/** What a browser gets at an address that no endpoint has. */
function isPageForWrongAddress(pathname: string, { status, headers }: ReceivedResponse): boolean {
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
  return status === 404 && isPage && document.paths[pathname] === undefined
}

function describedResponse(method: string, pathname: string, status: number): Described | undefined {
  // A slash at the end leads to the same endpoint.
  const path = pathname.replace(/(?<=.)\/$/, '')
  const operations = document.paths[path] ?? document.paths[templateOf(path) ?? '']
  if (operations === undefined) return status === 404 ? document['x-unknown-path'] : undefined
  const known = operations[method.toLowerCase()]
  if (status !== 405) return resolved(known?.responses[String(status)])
  // Methods without an operation are described beside OPTIONS. All others must not be refused.
  return known === undefined ? resolved(operations['options']?.responses['405']) : undefined
}

/** The path with parameters in braces that this path belongs to. */
function templateOf(pathname: string): string | undefined {
  return Object.keys(document.paths).find((path) =>
    new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname),
  )
}

function resolved(response: Reference | Described | undefined): Described | undefined {
  if (response === undefined || !('$ref' in response)) return response
  return document.components.responses[response.$ref.replace('#/components/responses/', '')]
}

function headerOf(entry: Reference | Header | undefined): Header | undefined {
  if (entry === undefined || !('$ref' in entry)) return entry
  return document.components.headers[entry.$ref.replace('#/components/headers/', '')]
}

function missingHeaders(expected: Described['headers'], received: Headers): string[] {
  return Object.entries(expected)
    .filter(([name, entry]) => headerOf(entry)?.required && !received.has(name))
    .map(([name]) => `the header ${name} is missing`)
}

function wrongHeaders(method: string, expected: Described['headers'], received: Headers): string[] {
  const entries = new Map(Object.entries(expected).map(([name, entry]) => [name.toLowerCase(), entry]))
  return [...received].flatMap(([name, value]) => {
    const schema = headerOf(entries.get(name))?.schema
    if (schema)
      return violations(schema, parseHeader(schema, value)).map((text) => `${name}: ${value} ${text}`)
    const isFree = TRANSPORT_HEADERS.test(name) || (method === 'OPTIONS' && PREFLIGHT_HEADERS.test(name))
    return isFree ? [] : [`the header ${name} is not described`]
  })
}

function parseHeader(schema: Record<string, unknown>, value: string): unknown {
  return schema['type'] === 'integer' && value.trim() !== '' ? Number(value) : value
}

function bodyProblems(method: string, expected: Described, { headers, body }: ReceivedResponse): string[] {
  const type = headers.get('content-type')?.split(';')[0]?.trim()
  if (method === 'HEAD' || expected.content === undefined) {
    return body === '' ? [] : ['there must be no body']
  }
  const content = expected.content[type ?? '']
  if (content === undefined) return [`the content type ${type ?? '(none)'} is not described`]
  try {
    const value: unknown = type === 'text/csv' ? body : JSON.parse(body)
    return [...violations(content.schema, value), ...errorFieldProblems(content.examples, value)]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return ['the body is not JSON']
  }
}

const error = z.looseObject({ code: z.string() })
/** An error in either form: its fields are below `error`, or they are problem details. */
const errorBody = z.union([
  z.pipe(
    z.object({ error }),
    z.transform((body) => body.error),
  ),
  error,
])

/** The schema of errors leaves some fields optional. An error has exactly those fields that the example of its code has. */
function errorFieldProblems(given: z.infer<typeof examples>, value: unknown): string[] {
  const fields = errorBody.safeParse(value).data
  if (fields === undefined) return []
  const example = errorBody.safeParse(given[fields.code]?.value).data
  if (example === undefined) return [`there is no example of the error ${fields.code}`]
  const [names, expected] = [fields, example].map((some) => Object.keys(some).toSorted().join(', '))
  return names === expected ? [] : [`${fields.code} has the fields ${names} instead of ${expected}`]
}

const schemas = closed(document.components.schemas)

/** Creating a validator reads the whole document, so each is created once. */
const validators = new WeakMap<Schema, Validator>()

function validatorOf(schema: Schema): Validator {
  const known = validators.get(schema)
  if (known) return known
  const made = new Validator({ ...closed(schema), components: { schemas } }, '2020-12', false)
  validators.set(schema, made)
  return made
}

function violations(schema: Schema, value: unknown): string[] {
  return validatorOf(schema)
    .validate(value)
    .errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)
}

/**
 * The document allows responses to grow, these tests do not: objects may have the properties they name and no others.
 * What stands beside a reference in `allOf` only narrows that schema, so it stays as it is.
 */
function closed<Value>(value: Value): Value
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) copy[key] = key === 'allOf' ? inner : closed(inner)
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy
}
