// Tells the keys we issued from all others, and knows those again that it has seen.

import { type ApiKeySecret, hashApiKey, importApiKeySecret, isAuthenticApiKey } from './api-key.ts'

const MAX_KNOWN = 10_000

/**
 * The keys issued with one secret. A key's proof and its hash never change, so they are made once in an isolate, which
 * then knows the key again: at most 10,000 are, the oldest forgotten first, and only in memory.
 */
export class IssuedKeys {
  readonly #secretText: string
  // A value and not its promise, which may not be shared between requests.
  #secret: ApiKeySecret | undefined
  readonly #hashes = new Map<string, string>()

  constructor(secret: string) {
    this.#secretText = secret
  }

  /** The SHA-256 of an issued key, in hex; undefined for any other text. Says nothing of whether the key is still valid. */
  async hashOf(key: string): Promise<string | undefined> {
    const known = this.#hashes.get(key)
    if (known !== undefined) return known
    this.#secret ??= await importApiKeySecret(this.#secretText)
    if (!(await isAuthenticApiKey(key, this.#secret))) return undefined
    const hash = await hashApiKey(key)
    this.#remember(key, hash)
    return hash
  }

  #remember(key: string, hash: string): void {
    if (this.#hashes.size >= MAX_KNOWN) {
      const [oldest] = this.#hashes.keys()
      if (oldest !== undefined) this.#hashes.delete(oldest)
    }
    this.#hashes.set(key, hash)
  }
}
