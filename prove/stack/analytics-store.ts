// The stand-in for Plausible in a process that can be killed, behind a gate that delays the queries of one site and counts them.

import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlledStore } from '../../harness/controlled-store.ts'
import { keepTrackOfProgram, killTree, signalTree, treeOf } from '../../harness/processes.ts'
import { readBody, startLoopbackServer } from '../../local/loopback-server.ts'
import type { PlausibleChildMessage, PlausibleStart } from '../../local/plausible-child.ts'
import { seedAnalytics } from '../world/seed-world.ts'
import type { World } from '../world/world.ts'

/** The analytics store, and what the gate before it has seen. */
export interface AnalyticsStore extends ControlledStore {
  bindings: { PLAUSIBLE_URL: string; PLAUSIBLE_API_KEY: string }
  /** Where the stand-in itself listens. Changes with each restart. */
  url(): string
  /** Queries of the slow site that are in progress, and queries in all. */
  readonly counts: { slowInFlight: number; queries: number }
  /** Called when a query of the slow site begins, with how many are then in progress. */
  onSlowQuery: (inFlight: number) => void
}

const CHILD = new URL('../../local/plausible-child.ts', import.meta.url)
/** Long enough that queries of one organization overlap. */
const SLOW_MS = 400
const MAX_BODY_BYTES = 1_000_000

/** Starts it with the visits of the world. */
export async function startAnalyticsStore(world: World): Promise<AnalyticsStore> {
  const apiKey = randomBytes(24).toString('base64url')
  const agent = new Agent({ keepAlive: true })
  const start = async () => {
    const started = await startChild({ apiKey, demoTime: undefined, statsApis: ['v1', 'v2'], port: 0 })
    await seedAnalytics(started.url, world)
    return started
  }
  let { child, url } = await start()
  let isUp = true
  const counts = { slowInFlight: 0, queries: 0 }

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = (await readBody(incoming, MAX_BODY_BYTES)) ?? ''
    const isSlow = body.includes(world.slow.domain)
    if (body !== '') counts.queries += 1
    if (isSlow) {
      counts.slowInFlight += 1
      store.onSlowQuery(counts.slowInFlight)
      await sleep(SLOW_MS)
      counts.slowInFlight -= 1
    }
    if (isUp) forward({ url, agent, incoming, outgoing, body })
    else incoming.socket.destroy()
  }
  const gate = await startLoopbackServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  const store: AnalyticsStore = {
    engine: 'the stand-in for Plausible',
    bindings: { PLAUSIBLE_URL: gate.url, PLAUSIBLE_API_KEY: apiKey },
    url: () => url,
    counts,
    onSlowQuery: () => {},
    pids: () => (isUp ? treeOf(child) : []),
    kill: async () => {
      isUp = false
      await killTree(child)
    },
    hang: () => signalTree(child, 'SIGSTOP'),
    resume: () => signalTree(child, 'SIGCONT'),
    restart: async () => {
      const started = await start()
      child = started.child
      url = started.url
      isUp = true
    },
    close: async () => {
      await gate.close()
      agent.destroy()
      await killTree(child)
    },
  }
  return store
}

function forward({
  url,
  agent,
  incoming,
  outgoing,
  body,
}: {
  url: string
  agent: Agent
  incoming: IncomingMessage
  outgoing: ServerResponse
  body: string
}): void {
  const { method, url: path = '/', headers } = incoming
  const { host } = new URL(url)
  const options = { agent, method, headers: { ...headers, host, 'content-length': Buffer.byteLength(body) } }
  const passed = request(url + path, { ...options, ...(method && { method }) }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
  })
  // As without the gate: the caller's connection breaks.
  passed.on('error', () => incoming.socket.destroy())
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) passed.destroy()
  })
  passed.end(body)
}

async function startChild(start: PlausibleStart): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  keepTrackOfProgram(child)
  // Not on the command line: the key is a secret.
  child.send(start)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once('message', (message: PlausibleChildMessage) => {
    if (typeof message === 'object') resolve(message.url)
  })
  child.once('error', reject)
  child.once('exit', () => reject(new Error('the stand-in for Plausible ended: see its messages above')))
  return { child, url: await promise }
}
