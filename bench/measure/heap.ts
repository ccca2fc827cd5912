// The heap of our Worker's isolate under requests of many keys, from V8's inspector.

import * as z from 'zod/mini'
import { startWorkerd } from '../../harness/workerd.ts'
import { sendOne } from '../rig/load.ts'
import type { StubStores } from '../rig/stub-stores.ts'
import { bindingsFor, createApiKeys, jobIds } from '../scenario.ts'

/** The heap at one point, after a garbage collection. */
export interface HeapPoint {
  requests: number
  megabytes: number
}

/** The heap at several points, and whether it grows. */
export interface HeapFigure {
  keys: number
  points: HeapPoint[]
  /** The largest heap of the second half of the points over that of the first half. */
  growth: number
}

/** How many requests are sent, and of how many keys. */
export interface HeapEffort {
  requests: number
  keys: number
}

const POINTS = 10
const CONCURRENCY = 8
const WAKE_EVERY_MS = 50
const BYTES_PER_MEGABYTE = 1_000_000

/** Sends the requests, half of them cold and half warm, and measures the heap at ten points. */
export async function measureHeap(options: {
  directory: string
  bundle: string
  compatibilityDate: string
  stubs: StubStores
  effort: HeapEffort
  progress: (done: number) => void
}): Promise<HeapFigure> {
  const { directory, bundle, compatibilityDate, stubs, effort, progress } = options
  const bindings = bindingsFor(stubs.urls)
  const worker = await startWorkerd({ directory, bundle, bindings, compatibilityDate, isInspected: true })
  try {
    const apiKeys = await createApiKeys(effort.keys)
    const [job] = jobIds(1)
    const url = `${worker.url}/analytics/jobs?jobIds=${job}`
    const inspector = await connectInspector(worker.inspectorUrl ?? '', () =>
      sendOne(`${worker.url}/health`, {}),
    )
    const points: HeapPoint[] = []
    const perPoint = effort.requests / POINTS
    let sent = 0
    const sendUntil = async (end: number) => {
      while (sent < end) await sendOne(url, { 'x-api-key': apiKeys[sent++ % apiKeys.length] ?? '' })
    }
    for (let point = 1; point <= POINTS; point++) {
      for (const [cached, share] of [
        [false, 0.5],
        [true, 1],
      ] as const) {
        await stubs.set({ delayMs: 0, cached })
        const end = Math.round((point - 1 + share) * perPoint)
        await Promise.all(Array.from({ length: CONCURRENCY }, () => sendUntil(end)))
      }
      points.push({ requests: sent, megabytes: (await inspector.usedBytes()) / BYTES_PER_MEGABYTE })
      progress(point / POINTS)
    }
    inspector.close()
    const growth = largest(points.slice(POINTS / 2)) / largest(points.slice(0, POINTS / 2))
    return { keys: effort.keys, points, growth }
  } finally {
    await worker.stop()
  }
}

function largest(points: readonly HeapPoint[]): number {
  return Math.max(...points.map(({ megabytes }) => megabytes))
}

interface Inspector {
  /** Bytes of living objects: collects garbage first. */
  usedBytes(): Promise<number>
  close(): void
}

const inspectorReply = z.object({
  id: z.number(),
  result: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
})
const heapUsage = z.object({ usedSize: z.number() })

/** Connects to V8's inspector (https://chromedevtools.github.io/devtools-protocol/v8/). `wake` sends the Worker a request. */
async function connectInspector(url: string, wake: () => Promise<unknown>): Promise<Inspector> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('The inspector of workerd is not reachable')), {
      once: true,
    })
  })
  let lastId = 0
  const call = (method: string) => {
    const id = ++lastId
    return new Promise<unknown>((resolve, reject) => {
      const receive = ({ data }: MessageEvent) => {
        const reply = inspectorReply.safeParse(JSON.parse(String(data))).data
        if (reply?.id !== id) return
        socket.removeEventListener('message', receive)
        if (reply.error === undefined) resolve(reply.result)
        else reject(new Error(`${method} failed: ${JSON.stringify(reply.error)}`))
      }
      socket.addEventListener('message', receive)
      socket.send(JSON.stringify({ id, method }))
    })
  }
  await call('HeapProfiler.enable')
  return {
    async usedBytes() {
      // workerd collects garbage only with a request that arrives after this.
      const waking = setInterval(() => wake().catch(() => {}), WAKE_EVERY_MS)
      await call('HeapProfiler.collectGarbage').finally(() => clearInterval(waking))
      return heapUsage.parse(await call('Runtime.getHeapUsage')).usedSize
    },
    close: () => socket.close(),
  }
}
