// The origin of a request's URL, which its `Host` header makes.

/** The origin, such as `https://analytics.example.com`. Without a valid host links lead to localhost. */
export function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'https://localhost'
}
