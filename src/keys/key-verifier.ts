// Verifies that a presented API key was issued with one of the Worker's secrets.

import { type ApiKeySecret, hashApiKey, importApiKeySecret, isAuthenticApiKey } from './api-key.ts'

/** Verifies keys. It keeps the imported secrets, never a key. */
export class KeyVerifier {
  readonly #secretTexts: readonly string[]
  // Values and not their promises, which must not be shared between requests.
  readonly #secrets: ApiKeySecret[] = []

  /** `secrets`: the current `API_KEY_SECRET`, then a previous one whose keys are still accepted. */
  constructor(secrets: readonly string[]) {
    this.#secretTexts = secrets
  }

  /**
   * The SHA-256 of an authentic key, in hex; undefined for any other text. It does not say whether the key is still valid:
   * the directory does.
   */
  async hashOf(key: string): Promise<string | undefined> {
    for (const [index, text] of this.#secretTexts.entries()) {
      const secret = this.#secrets[index] ?? (await importApiKeySecret(text))
      this.#secrets[index] = secret
      if (await isAuthenticApiKey(key, secret)) return hashApiKey(key)
    }
    return undefined
  }
}
