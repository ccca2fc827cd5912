// A link on this machine that signs in to the console of the demo: each visit gets a token of its own, which works once.
import { ConsoleTokens } from '../src/console/console-tokens.ts'
import { foreignCallerProblem, type LoopbackServer, startLoopbackServer } from './loopback-server.ts'

/**
 * Starts it on a free port. Whoever opens its `url` is sent to the console at `consoleUrl`, signed in as an admin of the
 * organization.
 */
export function startConsoleLink({
  consoleUrl,
  consoleSecret,
  organizationId,
}: {
  consoleUrl: string
  consoleSecret: string
  organizationId: string
}): Promise<LoopbackServer> {
  const tokens = new ConsoleTokens(consoleSecret)
  const person = { organizationId, id: 'demo', name: 'Demo Admin', role: 'admin' } as const
  return startLoopbackServer(async (request, response) => {
    if (foreignCallerProblem(request) !== undefined) return void response.writeHead(403).end()
    if (request.url !== '/') return void response.writeHead(404).end()
    const token = await tokens.signIn(person, Date.now())
    const location = `${consoleUrl}/console/sign-in?token=${token}`
    response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end()
  })
}
