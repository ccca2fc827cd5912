// Starts the thread of the stub stores and exchanges messages with it.

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
  /** Sets how they behave from now on. Resolves to what they received until now; rejects if they refused a request. */
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
      const message = receive()
      thread.postMessage(settings)
      const counts = stubCounts.parse(await message)
      if (counts.refused === undefined) return counts
      throw new Error(
        `The stub stores do not support a request of the Worker (${counts.refused}): update bench/stubs`,
      )
    },
    async stop() {
      await thread.terminate()
    },
  }
}
