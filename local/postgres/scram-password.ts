// Checks a password against what Postgres stores for a role: SCRAM-SHA-256 (RFC 5803).
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

const STORED = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/
const KEY_BYTES = 32

/** Whether the password is that of `stored`, a value of `pg_authid.rolpassword`. False for a value of another kind. */
export function isPasswordOf(stored: string, password: string): boolean {
  const [, iterations = '', salt = '', key = ''] = STORED.exec(stored) ?? []
  if (iterations === '') return false
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), KEY_BYTES, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  const expected = Buffer.from(key, 'base64')
  return expected.length === storedKey.length && timingSafeEqual(expected, storedKey)
}
