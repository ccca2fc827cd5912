// Our Worker, whole, on a machine whose clock is wrong by CLOCK_SKEW_MS.

import { env } from 'cloudflare:workers'
import worker from '../../src/index.ts'

const skewMs = Number(Reflect.get(env, 'CLOCK_SKEW_MS') ?? 0)
const now = Date.now.bind(Date)
Date.now = () => now() + skewMs

export default worker
