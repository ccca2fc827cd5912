// /console: sign-in, sign-out, the session, and the pages.

import { dayAt } from '../../analytics/windows.ts'
import { ApiError } from '../../http/errors.ts'
import { noParameters, parseParameters } from '../../http/query-parameters.ts'
import { pagePolicy } from '../../http/security-headers.ts'
import { sessionCookie } from '../../http/session-cookie.ts'
import { admitPerson } from '../../request/admit-person.ts'
import type { AppContext, Endpoints } from '../../request/app-env.ts'
import { identifySession } from '../../request/caller.ts'
import { requireOwnOrigin } from '../../request/console-access.ts'
import { respond, respondStatus } from '../../request/respond.ts'
import type { ConsoleServices, Services } from '../../services.ts'
import { signIn } from './sign-in.ts'

/** The one page that is served under all of these paths. */
const PAGES = [
  '/console',
  '/console/',
  '/console/jobs',
  '/console/jobs/:id',
  '/console/settings/keys',
  '/console/usage',
]

/** The body of `GET /console/session`. Only the pages use it. */
interface SessionResponse {
  data: {
    organization: {
      id: string
      name: string
      domain: string | null
      domain_verified: boolean
      time_zone: string
    }
    person: { id: string; name: string | null; role: string }
    /** Whether applications are counted. */
    applications: boolean
    today: string
    expires_at: string
    limits: { requests: number; window_seconds: number; concurrency: number }
  }
}

/** The handlers. */
export function consoleHandlers(services: Services, console: ConsoleServices): Endpoints {
  async function session(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifySession(c.req.raw, request, console)
    parseParameters(noParameters, c.req.queries())
    const { id, name, domain, isVerified, timeZone } = await admitPerson(request, services, caller, () =>
      console.directory.findOrganization(caller.organizationId, request.signal),
    )
    const { person } = caller
    const { limits, applyEvent } = services
    const body: SessionResponse = {
      data: {
        organization: { id, name, domain, domain_verified: isVerified, time_zone: timeZone },
        person: { id: person.id, name: person.name, role: person.role },
        applications: applyEvent !== undefined,
        today: dayAt(timeZone, services.now()),
        expires_at: new Date(caller.expiresAt ?? 0).toISOString(),
        limits: {
          requests: limits.requests,
          window_seconds: limits.windowSeconds,
          concurrency: limits.concurrent,
        },
      },
    }
    return respondStatus(request, 200, body)
  }

  function signOut(c: AppContext): Response {
    const request = c.get('request')
    requireOwnOrigin(c.req.raw, request)
    return respond(request, 204, null, {
      'Set-Cookie': sessionCookie(c.req.url, '', 0),
      'Cache-Control': 'no-store',
    })
  }

  /** The pages are the same for everyone; they read what they show from the API. */
  async function page(c: AppContext): Promise<Response> {
    const built = await services.assets?.fetch(new URL('/console/', c.req.url))
    if (!built?.ok) throw new ApiError('not_found')
    return respond(c.get('request'), 200, await built.text(), {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': pagePolicy(console.frameAncestors),
      'Cache-Control': 'no-cache',
    })
  }

  return {
    '/console/sign-in': { GET: signIn(services, console) },
    '/console/sign-out': { POST: signOut },
    '/console/session': { GET: session },
    ...Object.fromEntries(PAGES.map((path) => [path, { GET: page }])),
  }
}
