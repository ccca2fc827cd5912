// Speaks Postgres' wire protocol to PGlite's one session: a statement in, fields and raw text rows out.
import { type PGlite, protocol } from '@electric-sql/pglite'
import { errorFields, PostgresError, type SqlQuery, type SqlResult } from './postgres-backend.ts'

type BackendMessage = Parameters<Parameters<protocol.Parser['parse']>[1]>[0]
type DatabaseError = InstanceType<typeof protocol.messages.DatabaseError>
const { serialize, messages } = protocol

/** PGlite's session. Every call is synchronous, so that no other request comes between two calls in a row. */
export interface PgliteSession {
  /** Runs one statement with parameters (the extended protocol, which takes exactly one). Throws PostgresError. */
  query(query: SqlQuery): SqlResult
  /** Runs statements without parameters, one after the other. Throws PostgresError. */
  execute(...statements: string[]): void
  /** Whether a transaction is open, failed or not. */
  inTransaction(): boolean
}

/** The session of a PGlite that is ready. */
export function openPgliteSession(pglite: PGlite): PgliteSession {
  let inTransaction = false

  function send(...parts: Uint8Array[]): BackendMessage[] {
    const received: BackendMessage[] = []
    new protocol.Parser().parse(pglite.execProtocolRawSync(concatenate(parts)), (message) => {
      received.push(message)
    })
    for (const message of received) {
      if (message instanceof messages.ReadyForQueryMessage) inTransaction = message.status !== 'I'
    }
    for (const message of received) {
      if (message instanceof messages.DatabaseError) throw toPostgresError(message)
    }
    return received
  }

  return {
    query({ text, values }) {
      return toResult(
        send(
          serialize.parse({ text }),
          serialize.describe({ type: 'S' }),
          serialize.bind({ values }),
          serialize.execute({}),
          // Ends a COPY FROM STDIN, which would wait for data forever. Other statements ignore it.
          serialize.copyFail('COPY is not supported over HTTP'),
          serialize.sync(),
        ),
      )
    },
    execute(...statements) {
      for (const statement of statements) send(serialize.query(statement))
    },
    inTransaction: () => inTransaction,
  }
}

function toResult(received: BackendMessage[]): SqlResult {
  const result: SqlResult = { fields: [], rows: [], command: '', rowCount: null }
  for (const message of received) {
    if (message instanceof messages.RowDescriptionMessage) {
      result.fields = message.fields.map(({ format: _, ...field }) => field)
    } else if (message instanceof messages.DataRowMessage) {
      result.rows.push(message.fields)
    } else if (message instanceof messages.CommandCompleteMessage) {
      Object.assign(result, parseCommandTag(message.text))
    }
  }
  return result
}

/** `INSERT 0 3` is INSERT and 3, `SELECT 2` is SELECT and 2, `CREATE TABLE` is CREATE and no count, as node-postgres has it. */
function parseCommandTag(tag: string): Pick<SqlResult, 'command' | 'rowCount'> {
  const words = tag.split(' ')
  const count = words.length > 1 ? Number(words.at(-1)) : Number.NaN
  return { command: words[0] ?? '', rowCount: Number.isInteger(count) ? count : null }
}

function toPostgresError(error: DatabaseError): PostgresError {
  return new PostgresError(
    error.message,
    Object.fromEntries(errorFields.map((field) => [field, error[field]])),
  )
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
