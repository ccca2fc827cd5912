// The cookie that holds a session of the console.

/** With this prefix, browsers accept the cookie only from this host over TLS, and from no subdomain. */
const SECURE_NAME = '__Host-console'
const LOOPBACK_NAME = 'console'

/** The value of the cookie in a request; undefined if there is none. */
export function readSessionCookie({ url, headers }: Pick<Request, 'url' | 'headers'>): string | undefined {
  const prefix = `${nameFor(url)}=`
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
}

/** The `Set-Cookie` that stores a session, a JWT, for `seconds`; 0 removes it. `url` is the request's. */
export function sessionCookie(url: string, session: string, seconds: number): string {
  const name = nameFor(url)
  const secure = name === SECURE_NAME ? '; Secure' : ''
  return `${name}=${session}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

/** Without TLS only on this machine, where nobody on a network can read the cookie. */
function nameFor(url: string): string {
  const { protocol, hostname } = new URL(url)
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return protocol === 'http:' && isLoopback ? LOOPBACK_NAME : SECURE_NAME
}
