// Names a request: in the answer, in the log, and in Redis, where each name is kept for a minute and so is short.

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
const LENGTH = 16

// Random bytes for 64 names at once: asking for them costs more than all the rest. None is used twice.
const bytes = new Uint8Array(64 * LENGTH)
let used = bytes.length

/** 16 random characters of 64: 96 bits. Made here and never taken from the caller, who could spend one quota twice. */
export function createRequestId(): string {
  if (used === bytes.length) {
    crypto.getRandomValues(bytes)
    used = 0
  }
  let id = ''
  for (const end = used + LENGTH; used < end; used++) id += ALPHABET.charAt((bytes[used] ?? 0) & 63)
  return id
}
