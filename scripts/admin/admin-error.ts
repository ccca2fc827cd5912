// Why a command did not do what it was asked, in words for the person at the terminal, and the exit code it ends with.

/** Exit codes by reason; `--help` prints them. */
export const EXIT_CODES = {
  ok: 0,
  /** It could not be done; nothing, or nothing more, was changed. */
  failed: 1,
  /** The command line, a value on it or a file is wrong. */
  usage: 2,
  /** The organization, key or file named does not exist. */
  not_found: 3,
  /** A store cannot be reached or refuses our credentials. */
  unavailable: 4,
  /** `job import`: some lines were refused, all others are in. */
  lines_refused: 5,
  interrupted: 130,
} as const

export type ExitReason = keyof typeof EXIT_CODES
export type ErrorReason = Exclude<ExitReason, 'ok'>

/** One line that says what is wrong and what to do; it never holds a key, a hash, a password or a connection string. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly reason: ErrorReason
  /** Facts for `--json`, beside code and message. */
  readonly details: Record<string, unknown>

  constructor(reason: ErrorReason, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.reason = reason
    this.details = details
  }
}
