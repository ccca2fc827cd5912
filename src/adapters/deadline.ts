// How long a store may take, whatever it is that takes so long.

import { FaultError } from '../domain/fault.ts'

/**
 * What `work` gives, or `FaultError` `timeout` where it takes longer. What is still under way then is let go, and ends
 * with the request at the latest, as the timer does: a signal on each `fetch` would cost several times as much.
 * `work` asks `isLate` before it begins something more.
 */
export function within<T>(timeoutMs: number, work: (isLate: () => boolean) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false
    setTimeout(() => {
      late = true
      reject(new FaultError('timeout'))
    }, timeoutMs)
    work(() => late).then(resolve, reject)
  })
}
