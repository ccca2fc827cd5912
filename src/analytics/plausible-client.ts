// What the adapters for Plausible's two statistics APIs share: requests, their errors, and the check that it accepts any.

import { boundedFetch, type TextResponse } from '../stores/bounded-fetch.ts'
import { StoreError, toStoreError } from '../stores/store-error.ts'
import type { Signal } from './circuit-breaker.ts'
import type { JobDimension } from './plausible-query.ts'

/** Plausible's address and API key, and which of its rows belong to a job. */
export interface PlausibleOptions {
  url: string
  apiKey: string
  jobDimension: JobDimension
  timeoutMs: number
}

/** Sends requests to one Plausible server. */
export interface PlausibleClient {
  /** The deadline of a query that starts now. */
  deadline(signal: AbortSignal): AbortSignal
  /** The text of a 200 to a query about a site. Throws `StoreError`. */
  query(site: string, path: string, init: RequestInit): Promise<string>
  /** Resolves when Plausible accepts queries. Throws `StoreError` if it cannot be reached or refuses them all. */
  ping(signal: AbortSignal): Promise<void>
}

const MAX_RESPONSE_BYTES = 4_000_000
/** How long one accepted or refused request stands for the others. */
const ACCEPTED_MS = 600_000
const REFUSED_MS = 300_000
const MAX_SITES = 1_000

/**
 * A client with the key in each request. `probe` is a query that names no site: Plausible checks the key first, then responds
 * 400. It costs one call of the quota, so it is sent only if no query was accepted recently.
 */
export function plausibleClient(
  { url, apiKey, timeoutMs }: PlausibleOptions,
  probe: { path: string; init?: RequestInit },
): PlausibleClient {
  const baseUrl = url.replace(/\/$/, '')
  const accepted = { until: 0 }
  const sites = new Map<string, { refusal: StoreError | undefined; until: number }>()

  const send = async (path: string, init: RequestInit): Promise<TextResponse> => {
    try {
      const headers = { authorization: `Bearer ${apiKey}`, ...init.headers }
      return await boundedFetch(baseUrl + path, { ...init, headers }, MAX_RESPONSE_BYTES)
    } catch (error) {
      throw toStoreError(error)
    }
  }
  const remember = (site: string, refusal: StoreError | undefined) => {
    const now = Date.now()
    accepted.until = refusal ? 0 : now + ACCEPTED_MS
    sites.delete(site)
    sites.set(site, { refusal, until: now + (refusal ? REFUSED_MS : ACCEPTED_MS) })
    for (const oldest of sites.keys()) if (sites.size > MAX_SITES) sites.delete(oldest)
  }
  /** The last refusal, if every site that was queried recently was refused. */
  const refusalOfAll = (): StoreError | undefined => {
    const last = [...sites.values()].filter(({ until }) => until > Date.now())
    return last.every(({ refusal }) => refusal) ? last.at(-1)?.refusal : undefined
  }

  return {
    deadline: (signal) => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),

    async query(site, path, init) {
      const { status, headers, text } = await send(path, init)
      const error = status === 200 ? undefined : errorOf(status, headers)
      // Other statuses are about one query, or about Plausible's health.
      if (!error || isRefusal(status)) remember(site, error)
      if (error) throw error
      return text
    },

    async ping(signal) {
      const refusal = refusalOfAll()
      if (refusal) throw refusal
      const isProbe = accepted.until <= Date.now()
      const { status, headers } = await (isProbe
        ? send(probe.path, { ...probe.init, signal })
        : send('/api/health', { signal }))
      // A Plausible without a health endpoint counts as reachable.
      if (isProbe ? status !== 400 : status >= 500) throw errorOf(status, headers)
      if (isProbe) accepted.until = Date.now() + ACCEPTED_MS
    },
  }
}

/**
 * Plausible's own 429 is about its quota and names no time; a proxy in front of it may name one. Its other 4xx, and a result
 * that is too large, are about one site or one query and say nothing about its health.
 */
export function signalOf({ fault, retryAfterSeconds }: StoreError): Signal | undefined {
  if (fault === 'status_429') {
    return { refusedForMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000 }
  }
  return fault === 'too_large' || /^status_4/.test(fault) ? undefined : 'failed'
}

/** The value of a JSON text; undefined if it is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** No such API, no access, a locked site or a spent quota; not a query that Plausible does not understand. */
function isRefusal(status: number): boolean {
  return (status > 400 && status < 405) || status === 429
}

function errorOf(status: number, headers: Headers): StoreError {
  return new StoreError(`status_${status}`, retryAfterSeconds(headers))
}

/** `Retry-After` (RFC 9110, 10.2.3) in seconds; undefined without one. */
function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? ''
  if (/^\d{1,6}$/.test(text)) return Number(text)
  const seconds = Math.ceil((Date.parse(text) - Date.now()) / 1_000)
  return seconds > 0 ? seconds : undefined
}
