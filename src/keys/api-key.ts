// The format of an API key, and the tag that proves it was issued with our secret. No database is needed.

const PREFIX = 'jak_'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM_LENGTH = 32
const TAG_LENGTH = 10
const SHAPE = /^jak_[0-9A-Za-z]{42}$/
const HINT_LENGTH = 8
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const encoder = new TextEncoder()

/** The imported secret. */
export type ApiKeySecret = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Imports `API_KEY_SECRET` (any text) as the HMAC-SHA-256 key that `createApiKey` and `isAuthenticApiKey` take. */
export function importApiKeySecret(secret: string): Promise<ApiKeySecret> {
  return crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
}

/** Makes a new key: `jak_`, 32 random base62 characters, and 10 base62 characters of HMAC over all before them. */
export async function createApiKey(secret: ApiKeySecret): Promise<string> {
  const body = PREFIX + randomBase62(RANDOM_LENGTH)
  return body + (await tagOf(body, secret))
}

/** Whether this text has the form of a key. */
export function hasApiKeyShape(text: string): boolean {
  return SHAPE.test(text)
}

/** Whether this text is a key that was issued with this secret. It may still be revoked or expired. */
export async function isAuthenticApiKey(key: string, secret: ApiKeySecret): Promise<boolean> {
  if (!hasApiKeyShape(key)) return false
  const body = key.slice(0, PREFIX.length + RANDOM_LENGTH)
  return equalInConstantTime(key.slice(body.length), await tagOf(body, secret))
}

/** SHA-256 of the whole key as 64 lower-case hex digits. The database and Redis hold nothing else of a key. */
export async function hashApiKey(key: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(key)))
  let hex = ''
  for (const byte of digest) hex += HEX[byte] ?? ''
  return hex
}

/** The first 8 characters. They let a person tell keys apart and are not enough to use one. */
export function hintOfApiKey(key: string): string {
  return key.slice(0, HINT_LENGTH)
}

async function tagOf(body: string, secret: ApiKeySecret): Promise<string> {
  const mac = new DataView(await crypto.subtle.sign('HMAC', secret, encoder.encode(body)))
  let rest = mac.getBigUint64(0)
  let tag = ''
  for (let i = 0; i < TAG_LENGTH; i++) {
    tag += ALPHABET.charAt(Number(rest % 62n))
    rest /= 62n
  }
  return tag
}

function randomBase62(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      // 248 is the largest multiple of 62 in a byte; the bytes above it would favour some characters.
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62)
    }
  }
  return text
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
