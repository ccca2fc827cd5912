// One statement to a Postgres server through node-postgres, with every value left in Postgres' text format.
import { type ClientBase, type CustomTypesConfig, Query, type ResultBuilder } from 'pg'
import type { SqlQuery, SqlResult } from './postgres-backend.ts'

const rawText: CustomTypesConfig = { getTypeParser: () => (text: string) => text }
type RawRow = (string | null)[]

/** Runs one statement. Rejects with pg's DatabaseError, or another Error when the connection broke. */
export async function runRawTextQuery(client: ClientBase, { text, values }: SqlQuery): Promise<SqlResult> {
  // Without queryMode a query with no parameters would be sent as a script of several statements.
  const config = { text, values, queryMode: 'extended', rowMode: 'array', types: rawText }
  const { promise, resolve, reject } = Promise.withResolvers<ResultBuilder<RawRow>>()
  client.query(new RawTextQuery(config, (error, result) => (error ? reject(error) : resolve(result))))
  const { fields, rows, command, rowCount } = await promise
  return {
    fields: fields.map(({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }) => ({
      ...{ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier },
    })),
    rows,
    command: command ?? '',
    rowCount,
  }
}

interface CopyConnection {
  sendCopyFail(message: string): void
  sync(): void
}

class RawTextQuery extends Query<RawRow> {
  /** The server reads the first Sync as part of the COPY. Without a second one it never responds again. */
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFail('COPY is not supported over HTTP')
    connection.sync()
  }
}
