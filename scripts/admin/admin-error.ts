// Why a command failed, in words for the person at the terminal, and its exit code.

/** Exit codes by reason; `--help` prints them. */
export const EXIT_CODES = {
  ok: 0,
  /** The command failed; nothing, or nothing more, was changed. */
  failed: 1,
  /** The command line, a value on it or a file is wrong. */
  usage: 2,
  /** The organization, key or file does not exist. */
  not_found: 3,
  /** A store cannot be reached or refuses the credentials. */
  unavailable: 4,
  /** `job import`: some lines were refused and all others imported. */
  lines_refused: 5,
  interrupted: 130,
} as const

/** A key of `EXIT_CODES`. */
export type ExitReason = keyof typeof EXIT_CODES
/** Why a command failed. */
export type ErrorReason = Exclude<ExitReason, 'ok'>

/** One line that says what is wrong and what to do. It never contains a key, a hash, a password or a connection string. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly reason: ErrorReason
  /** Facts for `--json`, added to code and message. */
  readonly details: Record<string, unknown>

  constructor(reason: ErrorReason, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.reason = reason
    this.details = details
  }
}
