// Starts the stub stores' thread and speaks with it.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  type StubCounts,
  type StubSettings,
  type StubUrls,
  stubCounts,
  stubUrls,
} from '../stubs/stub-protocol.ts'

/** The running stub stores. */
export interface StubStores {
  urls: StubUrls
  /** Sets how they behave from now on, and tells what they were asked until now. Rejects if they refused a request. */
  set(settings: StubSettings): Promise<StubCounts>
  stop(): Promise<void>
}

/** Starts them on free ports of 127.0.0.1. */
export async function startStubStores(): Promise<StubStores> {
  const thread = new Worker(new URL('../stubs/stub-thread.ts', import.meta.url))
  const receive = async (): Promise<unknown> => (await once(thread, 'message'))[0]
  return {
    urls: stubUrls.parse(await receive()),
    async set(settings) {
      const answer = receive()
      thread.postMessage(settings)
      const counts = stubCounts.parse(await answer)
      if (counts.refused === undefined) return counts
      throw new Error(
        `The stub stores do not know what the Worker now asks (${counts.refused}): bring bench/stubs up to date`,
      )
    },
    async stop() {
      await thread.terminate()
    },
  }
}
