// What passes between the embedded Postgres' thread and the process: requests, results, errors and a copy of its files.
import type { PostgresErrorFields, SqlQuery, SqlResult, TransactionOptions } from './postgres-backend.ts'

/** A login of the embedded Postgres. */
export interface PgliteUser {
  name: string
  password: string
  /** An owner may do everything; it is for migrations and seeds. */
  superuser?: boolean
  /** Roles whose privileges the user has. They are created, without login, if they do not exist. */
  memberOf?: string[]
}

/** How the thread starts: with an empty cluster, or with the files of a cluster whose thread was terminated (a tar archive). */
export interface PgliteStart {
  database: string
  users: PgliteUser[]
  files: Uint8Array<ArrayBuffer> | undefined
}

/** The queries of one request, its login already checked. */
export interface PgliteRequest {
  user: PgliteUser
  queries: SqlQuery[]
  transaction: TransactionOptions | undefined
}

/** The results, an error of Postgres, or where in the code something else failed. */
export type PgliteResponse =
  | { results: SqlResult[] }
  | { postgresError: { message: string; fields: PostgresErrorFields } }
  | { failure: string }

/** Posted in the middle of a request: the files of the cluster as they are then. */
export interface PgliteFiles {
  files: Uint8Array<ArrayBuffer>
}
