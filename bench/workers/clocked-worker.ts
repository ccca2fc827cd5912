// Our Worker with a clock that the benchmark sets: each request says in a header what time it is.

import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { connect } from '../../src/connect.ts'

let nowMs = 0
let app: ReturnType<typeof createApp> | undefined

export default {
  fetch(request, env, ctx) {
    nowMs = Number(request.headers.get('x-bench-now'))
    app ??= createApp({ ...connect(parseConfig(env)), now: () => nowMs, log: () => {} })
    return app.fetch(request, env, ctx)
  },
} satisfies ExportedHandler<Env>
