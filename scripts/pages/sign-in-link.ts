// A link that signs a person in to the console, as the backend of a platform makes it.

import { randomUUID } from 'node:crypto'
import { ConsoleTokens } from '../../src/console/console-tokens.ts'

/** Who signs in, and where they go. */
export interface SignInClaims {
  organizationId: string
  role?: 'admin' | 'viewer'
  /** The page that opens, such as `/console/jobs`. */
  path?: string
}

/** A link that works once, within 5 minutes, for a new person of the organization. `consoleSecret` is CONSOLE_SECRET. */
export async function signInLink(
  { url, consoleSecret }: { url: string; consoleSecret: string },
  { organizationId, role = 'admin', path = '/console' }: SignInClaims,
): Promise<string> {
  const person = { organizationId, id: randomUUID(), name: 'Ada Lovelace', role }
  const token = await new ConsoleTokens(consoleSecret).signIn(person, Date.now())
  return `${url}/console/sign-in?${new URLSearchParams({ token, return: path })}`
}
