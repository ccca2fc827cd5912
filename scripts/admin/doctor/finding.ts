// The result of one check of doctor.
import { AdminError } from '../admin-error.ts'
import { describeUnexpected } from '../unexpected-error.ts'

/** `skipped`: the check could not run, for the reason given. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found; unless it is right, what to do about it. It never contains a secret. */
  message: string
}

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message }
}

export function failed(check: string, message: string): Finding {
  return { check, state: 'failed', message }
}

export function warning(check: string, message: string): Finding {
  return { check, state: 'warning', message }
}

export function skipped(check: string, message: string): Finding {
  return { check, state: 'skipped', message }
}

/** Runs a check. An error becomes a failed finding of that check, so that all other checks are still reported. */
export async function reportErrors(check: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AdminError) return [failed(check, error.message)]
    return [failed(check, `a bug in this program (${describeUnexpected(error)}): please report it`)]
  }
}
