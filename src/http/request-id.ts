// Creates the ID of a request: in the response, in the log, and in Redis, which stores each ID for a minute.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
const LENGTH = 16

/** 16 random characters of 64: 96 bits. Never taken from the caller, who could reuse one to make two requests count as one. */
export function createRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH))
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 63)).join('')
}
