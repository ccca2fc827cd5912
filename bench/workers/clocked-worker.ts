// Our Worker with a clock that the benchmark sets: each request carries the time in a header. It responds when its background
// tasks have ended, since the next request comes much later in simulated time.

import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { connect } from '../../src/connect.ts'

let nowMs = 0
let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env, ctx) {
    nowMs = Number(request.headers.get('x-bench-now'))
    app ??= createApp({ ...connect(parseConfig(env), 'given'), now: () => nowMs, log: () => {} })
    const tasks: Promise<unknown>[] = []
    const response = await app.fetch(request, env, {
      waitUntil: (task: Promise<unknown>) => void tasks.push(task),
      passThroughOnException: () => ctx.passThroughOnException(),
      props: ctx.props,
    })
    await Promise.all(tasks)
    return response
  },
} satisfies ExportedHandler<Env>
