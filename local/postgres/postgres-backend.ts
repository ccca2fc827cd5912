// What the Neon front needs from a Postgres: run one request as one login, and leave nothing behind.

/** Who a request connects as and to which database; read from its connection string. */
export interface Login {
  user: string
  password: string
  database: string
}

/** One statement with its parameters in Postgres' text format. */
export interface SqlQuery {
  text: string
  values: (string | null)[]
}

/** How a batch's transaction begins; what is absent is left to the server's default. */
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

/** What one statement gave: rows in Postgres' text format, `command` and `rowCount` from its command tag. */
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
   * Nothing a request does to its session (settings, role, open transaction, temporary tables, prepared statements)
   * is seen by the next one.
   * @throws PostgresError what Postgres refused, a wrong password (28P01) and an unknown database (3D000) among it
   * @throws PostgresUnavailableError there is no server to ask
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

/** An error Postgres itself reported; `fields.code` is its SQLSTATE. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly fields: PostgresErrorFields

  constructor(message: string, fields: PostgresErrorFields) {
    super(message)
    this.fields = fields
  }
}

/** No server could be asked, or it went away while it worked; the message never holds a connection string. */
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

/** The error for a batch one of whose queries ended the transaction: what follows would no longer be atomic. */
export function transactionEndedError(): PostgresError {
  return new PostgresError(
    'a query of the batch ended its transaction; send COMMIT and ROLLBACK in no batch',
    {
      severity: 'ERROR',
      code: '2D000',
    },
  )
}
