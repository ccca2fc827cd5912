// What an endpoint is made of, and the way every request to one takes: parse, first hop, second hop, answer.

import type { Context } from 'hono'
import type * as z from 'zod/mini'
import type { ParameterProblem } from '../answers/parameter-problem.ts'
import type { AppEnv } from '../app-env.ts'
import { cacheHeaders } from '../domain/cache-headers.ts'
import type { Failure } from '../errors.ts'
import type { Directory, DirectoryAnswer, Organization, Services } from '../services.ts'
import { AfterRequest } from './afterwards.ts'
import { answerFailure, answerJson } from './answer.ts'
import { firstHop } from './first-hop.ts'
import { readQuery } from './query-string.ts'
import type { Reading } from './reading.ts'
import { secondHop } from './second-hop.ts'

/** What a request is to do, known before the network is. */
export interface Plan {
  /** Under which keys the figures it will need are cached, as far as they are known by now. */
  cacheKeys: readonly string[]
  /** Fields of the log line that say what was asked for. */
  log: Record<string, unknown>
}

/** What an endpoint itself may ask. */
export type EndpointServices = Pick<Services, 'store' | 'now'>

/** A body, and headers of this endpoint alone. */
export interface EndpointAnswer {
  body: unknown
  headers?: Record<string, string>
}

/**
 * One endpoint. `Query` is its parsed parameters, `Planned` what follows from them, `Rows` what the directory says,
 * `Value` one figure of the analytics store. All else (key, admission, cache, breaker, errors, headers, log) is shared.
 */
export interface Endpoint<Query, Planned extends Plan, Rows, Value> {
  query: z.ZodMiniObject & z.core.$ZodType<Query>
  /** Works the parameters out, or says which of them do not go together. */
  plan(
    query: Query,
    keyHash: string,
    services: EndpointServices,
  ): Planned | ParameterProblem[] | Promise<Planned | ParameterProblem[]>
  /** The one statement that says whose key it is, and what is theirs of what was asked for. */
  lookUp(directory: Directory, keyHash: string, plan: Planned): Promise<DirectoryAnswer<Rows>>
  /** How to read the figures, or why this organization may not have them; nothing where none are needed. */
  read(
    plan: Planned,
    organization: Organization,
    rows: Rows,
    services: EndpointServices,
  ): Failure | Reading<Value> | undefined
  /** The answer, from the figures in the order of their cache keys. `url` gives the request's own. */
  answer(
    plan: Planned,
    rows: Rows,
    values: readonly (Value | undefined)[],
    organization: Organization,
    url: () => string,
  ): EndpointAnswer
}

/** The handler of an endpoint. */
export function serve<Query, Planned extends Plan, Rows, Value>(
  endpoint: Endpoint<Query, Planned, Rows, Value>,
  services: Services,
) {
  return async function handle(c: Context<AppEnv>): Promise<Response> {
    const keyHash = c.get('keyHash')
    const parsed = readQuery(endpoint.query, c.req.queries())
    if (!parsed.ok) return answerFailure(c, { code: 'invalid_request', details: parsed.details })
    const plan = await endpoint.plan(parsed.query, keyHash, services)
    if (Array.isArray(plan)) return answerFailure(c, { code: 'invalid_request', details: plan })

    const trace = c.get('trace')
    trace.note(plan.log)
    const after = new AfterRequest(services, trace)
    try {
      const lookUp = () => endpoint.lookUp(services.directory, keyHash, plan)
      const first = await firstHop({ keyHash, cacheKeys: plan.cacheKeys, lookUp }, services, trace, after)
      if (!first.ok) return answerFailure(c, first.failure, first.headers)

      const { organization, rows } = first
      const reading = endpoint.read(plan, organization, rows, services)
      if (reading && 'code' in reading) return answerFailure(c, reading, first.headers)
      const second = reading && (await secondHop(reading, first, services, trace, after))
      const headers = { ...first.headers, 'Server-Timing': trace.serverTiming() }
      if (second && !second.ok) return answerFailure(c, second.failure, headers)

      const answer = endpoint.answer(plan, rows, second?.values ?? [], organization, () => c.req.url)
      if (second) trace.note({ cache: second.cacheUse })
      const ages = second ? cacheHeaders(second, services.cache) : { 'Cache-Control': 'private, no-cache' }
      return answerJson(c, answer.body, headers, ages, answer.headers ?? {})
    } finally {
      // The request log, which waits for it, keeps the invocation alive.
      trace.afterwards = after.run()
    }
  }
}
