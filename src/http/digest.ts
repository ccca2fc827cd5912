// A short, collision-resistant name for a text.

/** The first 120 bits of the text's SHA-256, as 20 characters of base64url. */
export async function digestOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...digest.subarray(0, 15)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
