// A small API with the limits of the real one, or with a fault in them: it admits one too many, or breaks its own promise.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoopbackServer } from '../../../local/loopback-server.ts'

/** How the API behaves. */
export interface FaultyApiOptions {
  requests: number
  windowMs: number
  concurrent: number
  /** How long a request takes. */
  delayMs: number
  /** Refuses every request of a client that was refused before. */
  neverForgives?: boolean
  /** Called when an admitted request begins, with how many are then in progress. */
  onBegin?: (inFlight: number) => void
}

/** Starts it on a free port of 127.0.0.1. It has one key, whatever a request presents. */
export function startFaultyApi(options: FaultyApiOptions) {
  const admitted: number[] = []
  let inFlight = 0
  let isRefused = false
  const respond = async (_: IncomingMessage, response: ServerResponse) => {
    const now = Date.now()
    const recent = admitted.filter((at) => at > now - options.windowMs)
    const isFull = recent.length >= options.requests || inFlight >= options.concurrent
    if (isFull || (isRefused && options.neverForgives)) {
      isRefused = true
      response
        .writeHead(429, {
          ratelimit: '"rate";r=0;t=1',
          'retry-after': String(Math.ceil(options.windowMs / 1_000)),
        })
        .end()
      return
    }
    admitted.push(now)
    inFlight += 1
    options.onBegin?.(inFlight)
    await sleep(options.delayMs)
    inFlight -= 1
    response.writeHead(200, { ratelimit: '"rate";r=1;t=1' }).end()
  }
  return startLoopbackServer((request, response) => void respond(request, response))
}
