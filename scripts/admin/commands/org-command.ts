// `org`: organizations and their domains.
import { Command } from '@commander-js/extra-typings'
import { AdminError } from '../admin-error.ts'
import { isPublished, recordFor } from '../domain-proof.ts'
import {
  challengeOf,
  createOrganization,
  deleteOrganization,
  findOrganization,
  listOrganizations,
  markVerified,
  type Organization,
  overviewOf,
  setDomain,
  setSiteName,
  setTimeZone,
} from '../records/organizations.ts'
import type { CommandResult, RunCommand, Session } from '../session.ts'
import { renderFields, renderTable } from '../table.ts'
import { signInLinkCommand } from './sign-in-link-command.ts'

const REFERENCE = 'id or domain of the organization'
const SITE_NAME =
  'the name of its site in the analytics store, if it has Unicode letters or a path (bücher.example/jobs)'
const TIME_ZONE = 'the IANA time zone that its site has in the analytics store'

/** The command `org` with its subcommands. */
export function orgCommand(run: RunCommand) {
  return new Command('org')
    .description('organizations and their domains')
    .addCommand(createCommand(run))
    .addCommand(listCommand(run))
    .addCommand(showCommand(run))
    .addCommand(setDomainCommand(run))
    .addCommand(setSiteNameCommand(run))
    .addCommand(setTimeZoneCommand(run))
    .addCommand(verifyDomainCommand(run))
    .addCommand(signInLinkCommand(run))
    .addCommand(deleteCommand(run))
}

function createCommand(run: RunCommand) {
  const command = new Command('create')
    .description('create an organization')
    .argument('<name>', 'its name')
    .option('--domain <domain>', 'the domain of its job postings; verify it with org verify-domain')
    .option('--site-name <name>', SITE_NAME)
    .option('--time-zone <zone>', `${TIME_ZONE} (Europe/Berlin)`, 'UTC')
  return command.action((name, options) =>
    run(command, async (session) =>
      describe(
        await createOrganization(await session.database(), { name, domain: options.domain, ...options }),
      ),
    ),
  )
}

function listCommand(run: RunCommand) {
  const command = new Command('list').description('list all organizations')
  return command.action(() =>
    run(command, async (session) => {
      const organizations = await listOrganizations(await session.database())
      const rows = organizations.map(({ id, name, domain, domainVerifiedAt, timeZone, jobs, activeKeys }) => [
        ...[id, name, domain, domainVerifiedAt ? 'yes' : 'no', timeZone, jobs, activeKeys],
      ])
      const heading = ['id', 'name', 'domain', 'verified', 'time zone', 'jobs', 'active keys']
      const nothing = 'There are no organizations yet: create one with org create'
      return {
        document: { organizations },
        text: renderTable(heading, rows, nothing, session.terminal.columns),
      }
    }),
  )
}

function showCommand(run: RunCommand) {
  const command = new Command('show').description('show one organization').argument('<org>', REFERENCE)
  return command.action((reference) =>
    run(command, async (session) => {
      const organization = await overviewOf(await session.database(), reference)
      const { jobs, activeKeys } = organization
      return describe(organization, [
        ['jobs', jobs],
        ['active keys', activeKeys],
      ])
    }),
  )
}

function setDomainCommand(run: RunCommand) {
  const command = new Command('set-domain')
    .description('change the domain; the new one is unverified')
    .argument('<org>', REFERENCE)
    .argument('<domain>', 'a name like example.com')
  return command.action((reference, domain) =>
    run(command, async (session) => {
      const database = await session.database()
      const before = await findOrganization(database, reference)
      const organization = await setDomain(database, before.id, domain)
      if (organization.domainVerifiedAt === null) {
        session.note(
          `Its keys are refused until the domain is verified: run org verify-domain ${organization.id}`,
        )
      }
      return describe(organization)
    }),
  )
}

function setSiteNameCommand(run: RunCommand) {
  const command = new Command('set-site-name')
    .description('change the name that the analytics store has for its site')
    .argument('<org>', REFERENCE)
    .argument('<name>', `${SITE_NAME}; the domain itself removes it`)
  return command.action((reference, name) =>
    run(command, async (session) => {
      const database = await session.database()
      return describe(await setSiteName(database, await findOrganization(database, reference), name))
    }),
  )
}

function setTimeZoneCommand(run: RunCommand) {
  const command = new Command('set-time-zone')
    .description('change the time zone whose days the figures are counted in')
    .argument('<org>', REFERENCE)
    .argument('<zone>', `${TIME_ZONE}, such as Europe/Berlin`)
  return command.action((reference, zone) =>
    run(command, async (session) => {
      const database = await session.database()
      const { id } = await findOrganization(database, reference)
      return describe(await setTimeZone(database, id, zone))
    }),
  )
}

function verifyDomainCommand(run: RunCommand) {
  const command = new Command('verify-domain')
    .description(
      'print the DNS record that proves the domain, look it up, and mark the domain as verified if it is found',
    )
    .argument('<org>', REFERENCE)
    .option('--dns-server <ip[:port]>', "query this server instead of the system's")
    .option('--assume-verified', 'mark it as verified without a lookup; only for a database on this machine')
  return command.action((reference, options) =>
    run(command, async (session) =>
      describe(await verifyDomain(session, reference, options.assumeVerified ?? false, options.dnsServer)),
    ),
  )
}

async function verifyDomain(
  session: Session,
  reference: string,
  assumeVerified: boolean,
  dnsServer: string | undefined,
): Promise<Organization> {
  const database = await session.database()
  const { id, domain } = await findOrganization(database, reference)
  if (domain === null) {
    throw new AdminError(
      'usage',
      `The organization has no domain: give it one with org set-domain ${id} <domain>`,
    )
  }
  if (assumeVerified) {
    if (database.isLocal) return markVerified(database, id, domain)
    throw new AdminError(
      'usage',
      '--assume-verified works only for a database on this machine: verify with DNS instead',
    )
  }
  const record = recordFor(domain, await challengeOf(database, id))
  session.note(`DNS record: ${record.name} TXT "${record.value}"`)
  if (await isPublished(record, dnsServer)) return markVerified(database, id, domain)
  throw new AdminError(
    'failed',
    `DNS does not show the TXT record at ${record.name} yet: set it, wait some minutes, and run this again`,
    { record },
  )
}

function deleteCommand(run: RunCommand) {
  const command = new Command('delete')
    .description('delete an organization with its keys and jobs')
    .argument('<org>', REFERENCE)
  return command.action((reference) =>
    run(command, async (session) => {
      const database = await session.database()
      const { id, name, jobs, activeKeys } = await overviewOf(database, reference)
      await session.confirm(
        `Delete ${name} (${id}) with ${jobs} jobs and all keys, ${activeKeys} of them active?`,
      )
      await deleteOrganization(database, id)
      return { document: { deleted: { id, name, jobs } }, text: `Deleted ${name} (${id}) and ${jobs} jobs` }
    }),
  )
}

function describe(organization: Organization, more: [string, number][] = []): CommandResult {
  const { id, name, domain, domainVerifiedAt, siteName, timeZone, createdAt } = organization
  const verified = domainVerifiedAt ?? (domain === null ? null : `no: run org verify-domain ${id}`)
  const fields: Parameters<typeof renderFields>[0] = [
    ['id', id],
    ['name', name],
    ['domain', domain],
    ['verified', verified],
    ...(siteName === null ? [] : [['site', siteName] satisfies [string, string]]),
    ['time zone', timeZone],
    ['created', createdAt],
    ...more,
  ]
  return { document: { organization }, text: renderFields(fields) }
}
