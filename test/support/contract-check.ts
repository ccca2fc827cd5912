// Holds an answer against openapi.json: status, headers and body. Runs in Node and in workerd, which has no `eval`.

import { type Schema, Validator } from '@cfworker/json-schema'
import * as z from 'zod/mini'
import openapi from '../../openapi.json' with { type: 'json' }

/** An answer as it came; `body` is its whole text. */
export interface ReceivedAnswer {
  status: number
  headers: Headers
  body: string
}

const reference = z.object({ $ref: z.string() })
const jsonSchema = z.record(z.string(), z.unknown())
type Reference = z.infer<typeof reference>

const header = z.object({ required: z.optional(z.boolean()), schema: jsonSchema })
type Header = z.infer<typeof header>

const answer = z.object({
  headers: z.record(z.string(), z.union([reference, header])),
  content: z.optional(z.record(z.string(), z.object({ schema: jsonSchema }))),
})
type Answer = z.infer<typeof answer>

const operation = z.object({ responses: z.record(z.string(), z.union([reference, answer])) })
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.object({
      schemas: z.record(z.string(), jsonSchema),
      headers: z.record(z.string(), header),
      responses: z.record(z.string(), answer),
    }),
    'x-other-answers': z.object({ unknownAddress: reference, OPTIONS: reference }),
  })
  .parse(openapi)

/** What HTTP itself and its carriers add: no part of this API. */
const CARRIERS_HEADERS =
  /^(connection|content-encoding|content-length|content-type|date|keep-alive|transfer-encoding|cf-.*|server)$/

/** Answers to a preflight of CORS hold these besides. */
const PREFLIGHT_HEADERS = /^access-control-allow-(methods|headers)$|^access-control-max-age$/

/** Pages are for people; the reference describes the API. */
const PAGES = /^\/$|^\/docs(\/|$)|^\/openapi\.json$/

/**
 * Everything in which an answer differs from what openapi.json says of `method` and `address` (a path or a URL):
 * one sentence a problem, none where it conforms. Fields and headers that the document does not name are problems too.
 */
export function checkAnswer(method: string, address: string, received: ReceivedAnswer): string[] {
  const { pathname } = new URL(address, 'http://localhost')
  if (PAGES.test(pathname)) return []
  const described = describedAnswer(method, pathname, received.status)
  const where = `${method} ${pathname} ${received.status}`
  if (described === undefined) return [`${where}: openapi.json has no such status here`]
  const headers = described.headers
  return [
    ...missingHeaders(headers, received.headers),
    ...wrongHeaders(method, headers, received.headers),
    ...bodyProblems(method, described, received),
  ].map((problem) => `${where}: ${problem}`)
}

function describedAnswer(method: string, pathname: string, status: number): Answer | undefined {
  const operations = document.paths[pathname]
  const others = document['x-other-answers']
  if (operations === undefined) return status === 404 ? resolved(others.unknownAddress) : undefined
  if (method === 'OPTIONS') return status === 204 ? resolved(others.OPTIONS) : undefined
  const known = operations[method === 'HEAD' ? 'get' : method.toLowerCase()]
  // The answer to all other methods is described beside those of GET.
  if (status === 405) return known === undefined ? resolved(operations['get']?.responses['405']) : undefined
  return resolved(known?.responses[String(status)])
}

function resolved(described: Reference | Answer | undefined): Answer | undefined {
  if (described === undefined || !('$ref' in described)) return described
  return document.components.responses[described.$ref.replace('#/components/responses/', '')]
}

function headerOf(described: Reference | Header | undefined): Header | undefined {
  if (described === undefined || !('$ref' in described)) return described
  return document.components.headers[described.$ref.replace('#/components/headers/', '')]
}

function missingHeaders(described: Answer['headers'], received: Headers): string[] {
  return Object.entries(described)
    .filter(([name, entry]) => headerOf(entry)?.required && !received.has(name))
    .map(([name]) => `the header ${name} is missing`)
}

function wrongHeaders(method: string, described: Answer['headers'], received: Headers): string[] {
  const entries = new Map(Object.entries(described).map(([name, entry]) => [name.toLowerCase(), entry]))
  return [...received].flatMap(([name, value]) => {
    const schema = headerOf(entries.get(name))?.schema
    if (schema)
      return violations(schema, parseHeader(schema, value)).map((text) => `${name}: ${value} ${text}`)
    const isFree = CARRIERS_HEADERS.test(name) || (method === 'OPTIONS' && PREFLIGHT_HEADERS.test(name))
    return isFree ? [] : [`the header ${name} is not described`]
  })
}

function parseHeader(schema: Record<string, unknown>, value: string): unknown {
  return schema['type'] === 'integer' && value.trim() !== '' ? Number(value) : value
}

function bodyProblems(method: string, described: Answer, { headers, body }: ReceivedAnswer): string[] {
  const type = headers.get('content-type')?.split(';')[0]?.trim()
  if (method === 'HEAD' || described.content === undefined) {
    return body === '' ? [] : ['there is a body where none belongs']
  }
  const schema = described.content[type ?? '']?.schema
  if (schema === undefined) return [`the content type ${type ?? '(none)'} is not described`]
  try {
    return violations(schema, JSON.parse(body))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return ['the body is not JSON']
  }
}

const schemas = closed(document.components.schemas)

/** A validator looks through the whole document when it is made, so each is made once. */
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

/** The document lets answers grow, these tests do not: objects may have the properties they name and no others. */
function closed<Value>(value: Value): Value
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]))
  return 'properties' in copy && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy
}
