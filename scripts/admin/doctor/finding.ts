// What doctor says of one thing it looked at.

/** `skipped`: it could not be looked at, for the reason given. */
export interface Finding {
  check: string
  state: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found; unless all is well, what to do about it. */
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
