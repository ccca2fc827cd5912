// A stand-in under test at a fixed time, and functions to query it.
import { type RunningPlausible, startPlausible } from '../../../local/plausible/start-plausible.ts'
import type { Visit } from '../../../local/plausible/visit-line.ts'

export const API_KEY = 'test-key'

export interface PlausibleResponse {
  status: number
  body: {
    error?: string
    results: { metrics: number[]; dimensions: (string | number)[] }[]
    meta: { total_rows?: number; time_labels?: string[] }
    query: Record<string, unknown>
  }
}

export interface World {
  plausible: RunningPlausible
  /** `GET` of the statistics API v1, such as `breakdown`, with its parameters. */
  v1(
    endpoint: string,
    parameters: Record<string, string>,
    authorization?: string,
  ): Promise<{ status: number; body: { error?: string; results?: unknown } }>
  query(body: Record<string, unknown> | string, authorization?: string): Promise<PlausibleResponse>
  send(method: string, path: string, body: string | object): Promise<{ status: number; body: unknown }>
}

/** Starts a stand-in at a fixed time. Each test adds its own sites and visits. */
export async function startWorld(now: string, quotaPerHour: number | null = null): Promise<World> {
  const plausible = await startPlausible({ apiKey: API_KEY, now: () => Date.parse(now), quotaPerHour })
  const request = async (method: string, path: string, body: string | object | null, headers = {}) => {
    const text = typeof body === 'string' || body === null ? body : JSON.stringify(body)
    const response = await fetch(`${plausible.url}${path}`, { method, body: text, headers })
    const received = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, body: isJson ? JSON.parse(received) : received }
  }
  return {
    plausible,
    v1: (endpoint, parameters, authorization = `Bearer ${API_KEY}`) =>
      request('GET', `/api/v1/stats/${endpoint}?${new URLSearchParams(parameters)}`, null, { authorization }),
    query: (body, authorization = `Bearer ${API_KEY}`) =>
      request('POST', '/api/v2/query', body, { authorization }),
    send: request,
  }
}

/** Returns visits as lines for `POST /local/visits`. */
export function toNdjson(visits: readonly Visit[]): string {
  return visits
    .map((visit) => JSON.stringify({ ...visit, timestamp: new Date(visit.timestamp * 1000).toISOString() }))
    .join('\n')
}
