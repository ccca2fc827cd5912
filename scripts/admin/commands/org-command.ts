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
} from '../records/organizations.ts'
import type { Answer, RunCommand, Session } from '../session.ts'
import { renderFields, renderTable } from '../table.ts'

const REFERENCE = 'id or domain of the organization'

export function orgCommand(run: RunCommand) {
  return new Command('org')
    .description('organizations and their domains')
    .addCommand(createCommand(run))
    .addCommand(listCommand(run))
    .addCommand(showCommand(run))
    .addCommand(setDomainCommand(run))
    .addCommand(verifyDomainCommand(run))
    .addCommand(deleteCommand(run))
}

function createCommand(run: RunCommand) {
  const command = new Command('create')
    .description('create an organization')
    .argument('<name>', 'what people call it')
    .option('--domain <domain>', 'where its job postings are; to be verified with org verify-domain')
  return command.action((name, { domain }) =>
    run(command, async (session) =>
      describe(await createOrganization(await session.database(), { name, domain })),
    ),
  )
}

function listCommand(run: RunCommand) {
  const command = new Command('list').description('list all organizations')
  return command.action(() =>
    run(command, async (session) => {
      const organizations = await listOrganizations(await session.database())
      const rows = organizations.map(({ id, name, domain, domainVerifiedAt, jobs, activeKeys }) => [
        ...[id, name, domain, domainVerifiedAt ? 'yes' : 'no', jobs, activeKeys],
      ])
      const heading = ['id', 'name', 'domain', 'verified', 'jobs', 'active keys']
      const nothing = 'There are no organizations yet: make one with org create'
      return { document: { organizations }, text: renderTable(heading, rows, nothing) }
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
    .description('change the domain; the new one counts as unverified')
    .argument('<org>', REFERENCE)
    .argument('<domain>', 'a name like example.com')
  return command.action((reference, domain) =>
    run(command, async (session) => {
      const database = await session.database()
      const before = await findOrganization(database, reference)
      const organization = await setDomain(database, before.id, domain)
      if (organization.domainVerifiedAt === null) {
        session.note(
          `Its keys are refused until the domain is verified: org verify-domain ${organization.id}`,
        )
      }
      return describe(organization)
    }),
  )
}

function verifyDomainCommand(run: RunCommand) {
  const command = new Command('verify-domain')
    .description(
      'print the DNS record that proves the domain, look it up, and mark the domain verified if it is there',
    )
    .argument('<org>', REFERENCE)
    .option('--dns-server <ip[:port]>', "ask this server instead of the system's")
    .option('--assume-verified', 'mark it verified without a look, on a database of this machine only')
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
      '--assume-verified is for a database of this machine: verify with DNS instead',
    )
  }
  const record = recordFor(domain, await challengeOf(database, id))
  session.note(`DNS record: ${record.name} TXT "${record.value}"`)
  if (await isPublished(record, dnsServer)) return markVerified(database, id, domain)
  throw new AdminError(
    'failed',
    `DNS does not show the TXT record at ${record.name} yet: set it, give it some minutes, and run this again`,
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

function describe(organization: Organization, more: [string, number][] = []): Answer {
  const { id, name, domain, domainVerifiedAt, createdAt } = organization
  const verified = domainVerifiedAt ?? (domain === null ? null : `no: run org verify-domain ${id}`)
  const fields: Parameters<typeof renderFields>[0] = [
    ['id', id],
    ['name', name],
    ['domain', domain],
    ['verified', verified],
    ['created', createdAt],
    ...more,
  ]
  return { document: { organization }, text: renderFields(fields) }
}
