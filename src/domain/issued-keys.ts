// Tells the keys we issued from all others, and knows those again that it has seen.

import {
  type ApiKeySecret,
  hasApiKeyShape,
  hashApiKey,
  importApiKeySecret,
  isAuthenticApiKey,
} from './api-key.ts'

const MAX_KNOWN = 10_000

/**
 * The keys issued with one secret. A key's proof never changes, so it is made once in an isolate and then known by
 * the key's hash; at most 10,000 are, the oldest forgotten first. No key itself is kept.
 */
export class IssuedKeys {
  readonly #secretText: string
  // A value and not its promise, which may not be shared between requests.
  #secret: ApiKeySecret | undefined
  readonly #known = new Set<string>()

  constructor(secret: string) {
    this.#secretText = secret
  }

  /** The SHA-256 of an issued key, in hex; undefined for any other text. Says nothing of whether the key is still valid. */
  async hashOf(key: string): Promise<string | undefined> {
    if (!hasApiKeyShape(key)) return undefined
    const hash = await hashApiKey(key)
    if (this.#known.has(hash)) return hash
    this.#secret ??= await importApiKeySecret(this.#secretText)
    if (!(await isAuthenticApiKey(key, this.#secret))) return undefined
    this.#remember(hash)
    return hash
  }

  #remember(hash: string): void {
    if (this.#known.size >= MAX_KNOWN) {
      const [oldest] = this.#known
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.add(hash)
  }
}
