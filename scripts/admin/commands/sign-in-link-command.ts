// `org sign-in-link`: a link that signs one person in to the console of an organization.
import { Command, Option } from '@commander-js/extra-typings'
import { problemOfPublicUrl } from '../../../src/config.ts'
import { ConsoleTokens } from '../../../src/console/console-tokens.ts'
import { ROLES } from '../../../src/console/person.ts'
import { AdminError } from '../admin-error.ts'
import { checkName, findOrganization } from '../records/organizations.ts'
import type { RunCommand, Session } from '../session.ts'
import { consoleSecretOf } from '../settings.ts'

const VALID_SECONDS = 300
/** How the audit log names a person whom the operator signed in. */
const OPERATOR = 'operator'

/** The command. */
export function signInLinkCommand(run: RunCommand) {
  const command = new Command('sign-in-link')
    .description('print a link that signs in to the console once, within 5 minutes')
    .argument('<org>', 'id or domain of the organization')
    .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES).default('admin' as const))
    .option('--name <name>', 'name of the person, for the page and the audit log', 'Operator')
    .option('--url <url>', 'address of the API, such as https://analytics.example.com (default: PUBLIC_URL)')
  return command.action((reference, { role, name, url }) =>
    run(command, async (session) => {
      const secret = consoleSecretOf(session.settings)
      const origin = originOf(session, url)
      const person = { id: OPERATOR, name: checkName(name), role }
      const { id: organizationId } = await findOrganization(await session.database(), reference)
      const token = await new ConsoleTokens(secret).signIn({ organizationId, ...person }, Date.now())
      const link = `${origin}/console/sign-in?token=${token}`
      session.note(`Whoever opens this link is signed in as ${role}. It works once, within 5 minutes.`)
      const expiresAt = new Date(Date.now() + VALID_SECONDS * 1_000)
      return { document: { link, organizationId, role, expiresAt }, text: link }
    }),
  )
}

/** Throws AdminError if there is no address, or a wrong one. */
function originOf({ settings }: Session, given: string | undefined): string {
  const url = given ?? settings['PUBLIC_URL']
  if (url === undefined) {
    throw new AdminError(
      'usage',
      'Give the address of the API with --url, such as https://analytics.example.com',
    )
  }
  const problem = problemOfPublicUrl(url)
  if (problem === undefined) return new URL(url).origin
  throw new AdminError('usage', `${given === undefined ? 'PUBLIC_URL' : '--url'} ${problem}`)
}
