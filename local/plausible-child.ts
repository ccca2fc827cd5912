// The process of the stand-in for Plausible: starts it as its parent says, responds to pings, and ends with its parent.
import { Worker } from 'node:worker_threads'
import { demoOrganizations } from './demo/demo-organizations.ts'
import { seedPlausible } from './demo/seed-demo.ts'
import type { StatsApi } from './plausible/stand-in.ts'
import { startPlausible } from './plausible/start-plausible.ts'

/** What the parent sends first. `statsApis` are those that it serves. `demoTime` (epoch ms) is the time for which the demo's visits are made; without it there are none. */
export interface PlausibleStart {
  apiKey: string
  statsApis: readonly StatsApi[]
  port: number
  demoTime: number | undefined
}

/** What this process sends: its address once it is ready, then a pong for each ping. */
export type PlausibleChildMessage = { url: string } | 'pong'

// A signal to the whole group, such as Ctrl-C, reaches this process too. Its parent ends it, after the Worker.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.once('disconnect', () => process.exit())
// An endless query blocks this thread, and with it the event above.
new Worker(new URL('./end-with-parent.ts', import.meta.url)).unref()

process.once('message', async (start: PlausibleStart) => {
  const { apiKey, statsApis, port, demoTime } = start
  const plausible = await startPlausible({ apiKey, statsApis, port })
  if (demoTime !== undefined) {
    const now = new Date(demoTime)
    seedPlausible(plausible, demoOrganizations(now), now)
  }
  process.on('message', () => send('pong'))
  send({ url: plausible.url })
})

function send(message: PlausibleChildMessage): void {
  // Without a parent there is nobody to send to, and `disconnect` ends the process.
  if (process.connected) process.send?.(message)
}
