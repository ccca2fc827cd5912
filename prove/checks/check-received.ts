// Every way in which one response can be wrong: our own failure, the contract, another organization's data, the figures.

import { checkResponse } from '../../scripts/openapi/contract-check.ts'
import { endpointOf, type RequestCase } from '../requests/request-case.ts'
import type { ReceivedResponse } from '../requests/send-case.ts'
import type { Tenant, World } from '../world/world.ts'
import { checkFigures } from './check-figures.ts'

/** One thing that is wrong. */
export interface Problem {
  /** Counted by kind in the report. */
  kind: 'failure' | 'contract' | 'foreign' | 'figure' | 'key'
  text: string
}

/** What is known about the moment of a request. */
export interface Circumstances {
  /** How far the Worker's clock is ahead. */
  skewMs: number
  /** Whether a store was failing, or recovering within its time, while the request ran or so many milliseconds before it. */
  isDisturbed: (store: 'postgres' | 'analytics' | 'any', beforeMs?: number) => boolean
}

/** The problems of a response, and whether its figures were compared. */
export function checkReceived(
  world: World,
  one: RequestCase,
  response: ReceivedResponse,
  circumstances: Circumstances,
): { problems: Problem[]; compared: boolean } {
  const tenant = one.keyKind === 'own' ? world.tenants[one.tenant] : undefined
  const problems = [
    ...failureProblems(one, response, circumstances),
    ...contractProblems(one, response),
    ...keyProblems(one, response),
    ...foreignProblems(world, tenant, one, response),
  ]
  const isComparable = tenant !== undefined && response.status === 200 && one.method === 'GET'
  const figures = isComparable ? checkFigures(tenant, one, response, circumstances) : undefined
  if (figures) problems.push(...figures.map((text): Problem => ({ kind: 'figure', text })))
  return { problems, compared: figures !== undefined }
}

/** Responses without this header are the platform's own: it refuses what is no HTTP before the Worker sees it. */
function isWorkers({ headers }: ReceivedResponse): boolean {
  return headers.has('x-request-id')
}

function failureProblems(
  { target }: RequestCase,
  response: ReceivedResponse,
  { isDisturbed }: Circumstances,
): Problem[] {
  const { status, body } = response
  if (status < 500) return []
  const code = /"code":"(\w+)"/.exec(body)?.[1] ?? ''
  if (!isWorkers(response) && status !== 500) return []
  if (status !== 500 && isDisturbed(storeOf(code, target), ageOf(target))) return []
  const moment = status === 500 ? '' : ' while no store was failing'
  return [{ kind: 'failure', text: `${status} ${code}${moment} for ${target.slice(0, 200)}` }]
}

function storeOf(code: string, target: string): 'postgres' | 'analytics' | 'any' {
  // Its counts are in Redis.
  if (endpointOf(target) === '/usage') return 'any'
  if (code === 'service_unavailable') return 'postgres'
  return code.startsWith('analytics_') ? 'analytics' : 'any'
}

/** `GET /ready` repeats its last result for 5 s, and while the next check runs, which may take 2 s. */
function ageOf(target: string): number {
  return endpointOf(target) === '/ready' ? 7_000 : 0
}

const UNKNOWN_PATH = '/no-such-path'

function contractProblems({ method, target }: RequestCase, response: ReceivedResponse): Problem[] {
  if (!isWorkers(response)) return []
  const path = endpointOf(target) ?? UNKNOWN_PATH
  return checkResponse(method, path, response).map((text) => ({ kind: 'contract', text }))
}

const WITHOUT_KEY = ['/health', '/ready']

function keyProblems({ keyKind, target, method }: RequestCase, response: ReceivedResponse): Problem[] {
  const isOpen = WITHOUT_KEY.includes(endpointOf(target) ?? '') || method === 'OPTIONS'
  if (keyKind === 'own' || isOpen || !isWorkers(response) || response.status >= 400) return []
  return [{ kind: 'key', text: `${response.status} for a key that is ${keyKind}` }]
}

/** What the caller wrote may come back. Nothing else of another organization may. */
function foreignProblems(
  { tenants, slow }: World,
  own: Tenant | undefined,
  { target }: RequestCase,
  { body, headers }: ReceivedResponse,
): Problem[] {
  const received = body + JSON.stringify([...headers])
  const written = decoded(target)
  return [...tenants, slow].flatMap((other) => {
    if (other === own) return []
    const found = [other.marker, other.idPrefix].filter(
      (text) => received.includes(text) && !written.toLowerCase().includes(text),
    )
    return found.map(
      (text): Problem => ({ kind: 'foreign', text: `the response holds ${text} of another organization` }),
    )
  })
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target.replaceAll('+', ' '))
  } catch {
    return target
  }
}
