// Names a request: in the answer, in the log, and in Redis, where each name is kept for a minute and so is short.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
const LENGTH = 16

/** 16 random characters of 64: 96 bits. Made here and never taken from the caller, who could spend one quota twice. */
export function createRequestId(): string {
  let id = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) id += ALPHABET.charAt(byte & 63)
  return id
}
