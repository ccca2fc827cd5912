// Our Worker's bundle in this thread: sends it requests at a simulated time.

import { SIMULATED_BINDINGS } from './simulated-network.ts'

/** The Worker as its bundle exports it. */
interface BundledWorker {
  default: { fetch(request: Request, env: unknown, ctx: object): Promise<Response> }
}

/** A request at a time, in epoch milliseconds. Resolves when the Worker's background tasks have ended too. */
export type SendAt = (nowMs: number, path: string, apiKey: string) => Promise<Response>

/** Loads the bundle with the clock that is set. */
export async function loadBundledWorker(bundle: string): Promise<SendAt> {
  const { default: worker }: BundledWorker = await import(bundle)
  return (nowMs, path, apiKey) => {
    const headers = { 'x-api-key': apiKey, 'x-bench-now': String(nowMs) }
    return worker.fetch(new Request(`http://127.0.0.1${path}`, { headers }), SIMULATED_BINDINGS, {})
  }
}
