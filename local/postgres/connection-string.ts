// Parses a Postgres connection string. No part of it ever reaches an error.
import type { Login } from './postgres-backend.ts'

/** A connection string's parts; `port` is 5432 if the string names none. */
export interface ConnectionTarget extends Login {
  host: string
  port: number
}

/**
 * Parses `postgres://user:password@host:port/database`; the database is the user's name if none is given, as in libpq.
 * @returns undefined for anything else, since URL's own error holds the text with the password
 */
export function parseConnectionString(text: string): ConnectionTarget | undefined {
  const url = URL.parse(text)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
  const user = decode(url.username)
  const password = decode(url.password)
  const database = decode(url.pathname.slice(1))
  if (!user || !password || database === undefined || url.hostname === '') return undefined
  return {
    user,
    password,
    database: database || user,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
  }
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
