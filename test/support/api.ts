// Calls the API in the Workers runtime, over the stack of the whole run, with one part or another replaced or failing.

import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { inject } from 'vitest'
import { checkResponse } from '../../scripts/openapi/contract-check.ts'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { connect } from '../../src/connect.ts'
import type { Services } from '../../src/services.ts'
import type { FaultControl, FaultReport } from './fault-control.ts'
import type {} from './provided-stack.ts'

const stack = inject('stack')

/** The demo's organizations: 0 and 1 with a verified domain, 2 without. */
export const organizations = stack.demo.organizations
export const { bindings, demo } = stack

/** One response, its body read, and the log lines written by the time all of its work had ended. */
export interface ApiResponse {
  status: number
  headers: Headers
  text: string
  json: unknown
  log: Record<string, unknown>[]
}

/** An API over the stack; `call` waits for everything a request leaves to do, `start` does not. */
export interface Api {
  services: Services
  call(path: string, init?: RequestInit): Promise<ApiResponse>
  start(path: string, init?: RequestInit): { responded: Promise<Response>; settled: Promise<void> }
}

/** All tests together send more queries than an organization may in an hour, so only tests of the quota have one. */
const NO_QUOTA = { ANALYTICS_QUERIES_PER_HOUR: '0' }

/** Builds the API. `vars` replace bindings, `services` replace what was built from them. */
export function createApi(vars: Record<string, unknown> = {}, services: Partial<Services> = {}): Api {
  const lines: Record<string, unknown>[] = []
  const built: Services = {
    ...connect(
      parseConfig({ ...stack.bindings, ...NO_QUOTA, FLOOR: env.FLOOR, ...vars }),
      services.now ? 'given' : 'redis',
    ),
    log: (line) => lines.push(line),
    ...services,
  }
  const app = createApp(built)
  const start: Api['start'] = (path, init) => {
    const ctx = createExecutionContext()
    const request = new Request(`https://api.test${path}`, init)
    const responded = Promise.resolve(app.fetch(request, env, ctx)).then((response) =>
      conforming(request, response),
    )
    return { responded, settled: responded.then(() => waitOnExecutionContext(ctx)) }
  }
  return {
    services: built,
    start,
    async call(path, init) {
      const before = lines.length
      const { responded, settled } = start(path, init)
      const response = await responded
      const text = await response.text()
      await settled
      const json: unknown = isJson(response) && text !== '' ? JSON.parse(text) : undefined
      return { status: response.status, headers: response.headers, text, json, log: lines.slice(before) }
    },
  }
}

/** Every response of every test goes through here: it is as openapi.json says, or the test fails. */
async function conforming({ method, url }: Request, response: Response): Promise<Response> {
  const { status, headers } = response
  const body = await response.clone().text()
  const problems = checkResponse(method, url, { status, headers, body })
  if (problems.length > 0) throw new Error(`Not as in openapi.json:\n${problems.join('\n')}\n${body}`)
  return response
}

function isJson(response: Response): boolean {
  return /json/.test(response.headers.get('content-type') ?? '')
}

/** The path that asks for these jobs. */
export function jobsPath(jobIds: readonly string[], period?: string): string {
  const search = new URLSearchParams({ jobIds: jobIds.join(','), ...(period && { period }) })
  return `/analytics/jobs?${search}`
}

/** The headers that present a key. */
export function withKey(apiKey: string, headers: Record<string, string> = {}): RequestInit {
  return { headers: { 'x-api-key': apiKey, ...headers } }
}

/** An address of one store that can be told to fail; `vars` are the bindings that lead to it. */
export interface FaultyStore {
  vars: Record<string, string>
  set(control: FaultControl): Promise<void>
  report(): Promise<FaultReport>
}

/** A login's URL with a host that the proxy tells apart. */
function databaseUrlOf(id: string, binding: 'DATABASE_URL' | 'CONSOLE_DATABASE_URL'): string {
  const url = new URL(stack.bindings[binding] ?? '')
  url.hostname = `${id}.localhost`
  return url.href
}

/** Puts an address of its own before a store; it passes everything on until it is told otherwise. */
export function createFaultyStore(store: 'postgres' | 'redis' | 'plausible'): FaultyStore {
  const id = crypto.randomUUID()
  const url = `${stack.faultyUrl}/${store}/${id}`
  const control = `${stack.faultyUrl}/control/${id}`
  const vars = {
    postgres: {
      DATABASE_URL: databaseUrlOf(id, 'DATABASE_URL'),
      CONSOLE_DATABASE_URL: databaseUrlOf(id, 'CONSOLE_DATABASE_URL'),
    },
    redis: { UPSTASH_REDIS_REST_URL: url },
    plausible: { PLAUSIBLE_URL: url },
  }[store]
  return {
    vars,
    async set(fault) {
      await (await fetch(control, { method: 'PUT', body: JSON.stringify(fault) })).text()
    },
    async report() {
      return (await fetch(control)).json()
    },
  }
}
