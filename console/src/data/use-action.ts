// A hook for what changes something: runs once at a time, and holds its error.

import { useState } from 'preact/hooks'

/** The action, whether it is under way, and why it failed. */
export function useAction<Arguments extends unknown[]>(action: (...values: Arguments) => Promise<void>) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const run = async (...values: Arguments) => {
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      await action(...values)
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)))
    } finally {
      setBusy(false)
    }
  }
  return { run, isBusy, error }
}
