// GET /console/sign-in: exchanges the platform's token for a session, once.

import { SESSION_SECONDS } from '../../console/person.ts'
import { pagePolicy } from '../../http/security-headers.ts'
import { sessionCookie } from '../../http/session-cookie.ts'
import type { AppContext } from '../../request/app-env.ts'
import { tokenName } from '../../request/caller.ts'
import { respond } from '../../request/respond.ts'
import type { ConsoleServices, Services } from '../../services.ts'
import { StoreError } from '../../stores/store-error.ts'

/** Why a sign-in was refused: the status, what is wrong, and what to do. */
const FAILURES = {
  expired: [
    401,
    'This link has expired',
    'A link signs you in within 5 minutes. Open the console from your job board again.',
  ],
  used: [
    401,
    'This link was used already',
    'A link signs you in once. Open the console from your job board again.',
  ],
  invalid: [
    401,
    'This link is not valid',
    'Open the console from your job board again, without changing the address. If it fails again, tell your job board.',
  ],
  unknown: [401, 'We do not know your organization', 'It may have been removed. Ask your job board.'],
  unavailable: [
    503,
    'Signing in is not possible right now',
    'Wait a moment, then open the console from your job board again.',
  ],
} as const satisfies Record<string, [status: number, title: string, remedy: string]>
type Failure = keyof typeof FAILURES

/** The handler. It replaces the session of whoever was signed in before. */
export function signIn(services: Services, { tokens, directory, frameAncestors }: ConsoleServices) {
  return async function signIn(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const fail = (failure: Failure) => {
      const [status, title, remedy] = FAILURES[failure]
      request.log({ code: `sign_in_${failure}` })
      return respond(request, status, pageOf(title, remedy), {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': pagePolicy(frameAncestors),
        'Cache-Control': 'no-store',
      })
    }
    const verified = await tokens.verifySignIn(c.req.query('token') ?? '', services.now())
    if (typeof verified === 'string') return fail(verified)
    const { person, id } = verified
    const name = await tokenName(person, id)
    const [isNew, organization] = await Promise.all([
      request.timed('redis', () => services.shared.takeToken(name)),
      request
        .timed('postgres', () => directory.findOrganization(person.organizationId, request.signal))
        .catch((error: unknown) => {
          if (!(error instanceof StoreError)) throw error
          request.log({ postgres_fault: error.fault })
          return error
        }),
    ])
    if (isNew === undefined || organization instanceof StoreError) return fail('unavailable')
    if (!isNew) return fail('used')
    if (organization === undefined) return fail('unknown')
    request.log({ organization_id: organization.id })
    const session = await tokens.createSession(person, services.now())
    return respond(request, 303, null, {
      Location: pathOf(c.req.query('return'), c.req.url),
      'Set-Cookie': sessionCookie(c.req.url, session, SESSION_SECONDS),
      'Cache-Control': 'no-store',
    })
  }
}

/** A path of the console on this host; the console's first page for anything else. */
function pathOf(wanted: string | undefined, url: string): string {
  if (!wanted?.startsWith('/console') || !URL.canParse(wanted, url)) return '/console'
  const { origin, pathname, search, hash } = new URL(wanted, url)
  const isLocal = origin === new URL(url).origin && /^\/console(\/|$)/.test(pathname)
  return isLocal ? pathname + search + hash : '/console'
}

/** Both texts are constants, so nothing has to be escaped. */
function pageOf(title: string, remedy: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/look.css">
<main>
<h1>${title}</h1>
<p>${remedy}</p>
</main>
</html>
`
}
