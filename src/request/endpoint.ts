// What an endpoint is made of, and the way every request to one takes: parse, first hop, second hop, answer.

import type { Context } from 'hono'
import type * as z from 'zod/mini'
import type { AppEnv } from '../app-env.ts'
import { cacheHeaders } from '../domain/cache-headers.ts'
import type { Failure } from '../errors.ts'
import type { Directory, DirectoryAnswer, Organization, Services } from '../services.ts'
import { AfterRequest } from './afterwards.ts'
import { answerFailure, answerJson } from './answer.ts'
import { firstHop } from './first-hop.ts'
import { readQuery } from './query-string.ts'
import { type Reading, secondHop } from './second-hop.ts'

/**
 * One endpoint. `Query` is its parsed parameters, `Rows` what the directory says of them, `Value` one figure of the
 * analytics store. Everything else (key, admission, cache, breaker, errors, headers, log) is the same for all.
 */
export interface Endpoint<Query, Rows, Value> {
  query: z.ZodMiniObject & z.core.$ZodType<Query>
  /** Fields of the log line that say what was asked for. */
  describe(query: Query): Record<string, unknown>
  /** Under which keys the figures of this query are cached; known before the organization is. */
  cacheKeys(query: Query): string[]
  /** The one statement that says whose key it is, and what is theirs of what was asked for. */
  lookUp(directory: Directory, keyHash: string, query: Query): Promise<DirectoryAnswer<Rows>>
  /** How to read the figures, or why this organization may not have them. */
  read(
    query: Query,
    organization: Organization,
    rows: Rows,
    store: Services['store'],
  ): Failure | Reading<Value>
  /** The body, from the figures by cache key. */
  answer(query: Query, rows: Rows, values: ReadonlyMap<string, Value>): unknown
}

/** The handler of an endpoint. */
export function serve<Query, Rows, Value>(endpoint: Endpoint<Query, Rows, Value>, services: Services) {
  return async function handle(c: Context<AppEnv>): Promise<Response> {
    const parsed = readQuery(endpoint.query, c.req.url)
    if (!parsed.ok) return answerFailure(c, { code: 'invalid_request', details: parsed.details })
    const { query } = parsed
    const trace = c.get('trace')
    trace.note(endpoint.describe(query))

    const after = new AfterRequest(services, trace)
    try {
      const keyHash = c.get('keyHash')
      const cacheKeys = endpoint.cacheKeys(query)
      const lookUp = () => endpoint.lookUp(services.directory, keyHash, query)
      const first = await firstHop({ keyHash, cacheKeys, lookUp }, services, trace, after)
      if (!first.ok) return answerFailure(c, first.failure, first.headers)

      const reading = endpoint.read(query, first.organization, first.rows, services.store)
      if ('code' in reading) return answerFailure(c, reading, first.headers)
      const second = await secondHop(reading, first.arrival, services, trace, after)
      const headers = { ...first.headers, 'Server-Timing': trace.serverTiming() }
      if (!second.ok) return answerFailure(c, second.failure, headers)

      trace.note({ cache: second.cacheUse })
      const body = endpoint.answer(query, first.rows, second.values)
      return await answerJson(c, body, { ...headers, ...cacheHeaders(second, services.cache) })
    } finally {
      trace.afterwards = after.run()
      c.executionCtx.waitUntil(trace.afterwards)
    }
  }
}
