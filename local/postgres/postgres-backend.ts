// What the Neon front needs from a Postgres: run one request as one login, and leave nothing behind.

/** How long the statements of one request may take, as over HTTP at Neon. */
export const STATEMENT_LIMIT_MS = 15_000

/** Who a request connects as and to which database; read from its connection string. */
export interface Login {
  user: string
  password: string
  database: string
}

/** One statement with its parameters in Postgres' text format; a null is SQL's NULL. */
export interface SqlQuery {
  text: string
  values: (string | null)[]
}

/** How a batch's transaction begins. The server's default decides what is absent. */
export interface TransactionOptions {
  isolationLevel?: 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE'
  readOnly: boolean
  deferrable: boolean
}

/** A column as Postgres' RowDescription message has it (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
interface SqlField {
  name: string
  tableID: number
  columnID: number
  dataTypeID: number
  dataTypeSize: number
  dataTypeModifier: number
}

/** The result of one statement: rows in Postgres' text format, `command` and `rowCount` from its command tag. */
export interface SqlResult {
  fields: SqlField[]
  rows: (string | null)[][]
  command: string
  rowCount: number | null
}

/** A Postgres behind the front. */
export interface PostgresBackend {
  /**
   * Runs the queries of one request as `login`: each on its own, or all in one transaction when `transaction` is given.
   * A transaction stores all of its changes, or none if the promise rejects. The next request sees nothing of what this one
   * did to its session (settings, role, open transaction, temporary tables, prepared statements).
   * @throws PostgresError what Postgres refused, including a wrong password (28P01) and an unknown database (3D000)
   * @throws PostgresUnavailableError there is no server
   */
  run(login: Login, queries: SqlQuery[], transaction?: TransactionOptions): Promise<SqlResult[]>
  close(): Promise<void>
}

/** The fields of an ErrorResponse message beside its text, as Neon's protocol names them. */
export const errorFields = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const

export type PostgresErrorFields = Partial<Record<(typeof errorFields)[number], string | undefined>>

/** An error that Postgres reported; `fields.code` is its SQLSTATE. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly fields: PostgresErrorFields

  constructor(message: string, fields: PostgresErrorFields) {
    super(message)
    this.fields = fields
  }
}

/** There is no server, or the connection broke during the request. The message never holds a connection string. */
export class PostgresUnavailableError extends Error {
  override readonly name = 'PostgresUnavailableError'
}

/** The statement that opens a batch's transaction. */
export function beginStatement({ isolationLevel, readOnly, deferrable }: TransactionOptions): string {
  const modes = [
    isolationLevel && `ISOLATION LEVEL ${isolationLevel}`,
    readOnly && 'READ ONLY',
    deferrable && 'DEFERRABLE',
  ].filter(Boolean)
  return `BEGIN ${modes.join(', ')}`.trimEnd()
}

/** The error for a batch in which a query ended the transaction: the queries after it would not be part of it. */
export function transactionEndedError(): PostgresError {
  return new PostgresError(
    'a query of the batch ended its transaction: send no COMMIT or ROLLBACK in a batch',
    { severity: 'ERROR', code: '2D000' },
  )
}

/** Throws PostgresError (0A000) when the result is that of a COPY: HTTP has no way to pass its data on. */
export function refuseCopy({ command }: SqlResult): void {
  if (command !== 'COPY') return
  throw new PostgresError('COPY is not supported over HTTP: use INSERT and SELECT', {
    severity: 'ERROR',
    code: '0A000',
  })
}
