// Makes new API keys with the Worker's current secret.

import { createApiKey, hashApiKey, hintOfApiKey, importApiKeySecret } from './api-key.ts'

/** A new key: itself, to be shown once, and what is stored of it. */
export interface IssuedKey {
  key: string
  /** SHA-256 of the key, in hex. */
  hash: string
  hint: string
}

/** Makes a key with `secret`, which is `API_KEY_SECRET`. */
export async function issueApiKey(secret: string): Promise<IssuedKey> {
  const key = await createApiKey(await importApiKeySecret(secret))
  return { key, hash: await hashApiKey(key), hint: hintOfApiKey(key) }
}
