// `key`: API keys, shown once when they are created.
import { Command } from '@commander-js/extra-typings'
import { AdminError } from '../admin-error.ts'
import { parseDuration, parseExpiry } from '../points-in-time.ts'
import {
  type ApiKey,
  findKey,
  type IssuedKey,
  issueKey,
  listKeys,
  revokeKey,
  rotateKey,
} from '../records/api-keys.ts'
import { findOrganization } from '../records/organizations.ts'
import type { CommandResult, RunCommand, Session } from '../session.ts'
import { apiKeySecretOf } from '../settings.ts'
import { renderFields, renderTable } from '../table.ts'

const ORG_OPTION = ['--org <org>', 'id or domain of the organization'] as const
const EXPIRES_OPTION = ['--expires <time>', 'from now, such as 90d, or a date such as 2030-12-31'] as const

/** The command `key` with its subcommands. */
export function keyCommand(run: RunCommand) {
  return new Command('key')
    .description('API keys')
    .addCommand(createCommand(run))
    .addCommand(listCommand(run))
    .addCommand(showCommand(run))
    .addCommand(revokeCommand(run))
    .addCommand(rotateCommand(run))
}

function createCommand(run: RunCommand) {
  const command = new Command('create')
    .description('create a key and print it once')
    .requiredOption(...ORG_OPTION)
    .option('--name <name>', 'what the key is for', 'default')
    .option(...EXPIRES_OPTION)
  return command.action(({ org, name, expires }) =>
    run(command, async (session) => {
      const apiKeySecret = apiKeySecretOf(session.settings)
      const expiresAt = expiryOf(expires)
      const database = await session.database()
      const { id: organizationId } = await findOrganization(database, org)
      return reveal(session, await issueKey(database, apiKeySecret, { organizationId, name, expiresAt }))
    }),
  )
}

function listCommand(run: RunCommand) {
  const command = new Command('list')
    .description('list keys, the newest first')
    .option(ORG_OPTION[0], `only keys of this organization: ${ORG_OPTION[1]}`)
  return command.action(({ org }) =>
    run(command, async (session) => {
      const database = await session.database()
      const organization = org === undefined ? undefined : await findOrganization(database, org)
      const keys = await listKeys(database, organization?.id)
      const heading = ['id', 'org', 'name', 'hint', 'state', 'created', 'last used', 'expires']
      const rows = keys.map((key) => [
        ...[key.id, key.organizationId, key.name, key.hint, key.state],
        ...[key.createdAt, key.lastUsedAt, key.expiresAt],
      ])
      const text = renderTable(
        heading,
        rows,
        'There are no keys yet: create one with key create',
        session.terminal.columns,
      )
      return { document: { keys }, text }
    }),
  )
}

function showCommand(run: RunCommand) {
  const command = new Command('show').description('show one key').argument('<key>', 'id of the key')
  return command.action((id) =>
    run(command, async (session) => describe(await findKey(await session.database(), id))),
  )
}

function revokeCommand(run: RunCommand) {
  const command = new Command('revoke')
    .description('refuse a key from its next request on, for good')
    .argument('<key>', 'id of the key')
  return command.action((id) =>
    run(command, async (session) => {
      const database = await session.database()
      const { name, hint, state } = await findKey(database, id)
      if (state !== 'revoked') await session.confirm(`Revoke "${name}" (${hint}…, ${state}) for good?`)
      return describe(await revokeKey(database, id))
    }),
  )
}

function rotateCommand(run: RunCommand) {
  const command = new Command('rotate')
    .description(
      'create a successor and print it once; both keys work during the grace period, then only the new one',
    )
    .argument('<key>', 'id of the key')
    .option('--grace <time>', 'how long the old key stays valid, such as 30m or 24h; 0 ends it now', '24h')
    .option(
      EXPIRES_OPTION[0],
      `of the successor: ${EXPIRES_OPTION[1]} (default: the lifetime of the old key)`,
    )
  return command.action((id, { grace, expires }) =>
    run(command, async (session) => {
      const apiKeySecret = apiKeySecretOf(session.settings)
      const given = { id, graceSeconds: parseDuration(grace, '--grace'), expiresAt: expiryOf(expires) }
      const database = await session.database()
      const rotated = await rotateKey(database, apiKeySecret, given)
      if (rotated === undefined) return refuseRotation(await findKey(database, id))
      const { key, old, secret } = rotated
      session.note(`The old key (${old.hint}…) is refused from ${old.expiresAt?.toISOString()} on.`)
      const { document, text } = reveal(session, { key, secret })
      return { document: { ...document, old }, text }
    }),
  )
}

function refuseRotation({ state, organizationId }: ApiKey): never {
  const successor = `create one with key create --org ${organizationId}`
  const next = state === 'rotated' ? `its successor is in key list --org ${organizationId}` : successor
  throw new AdminError('failed', `This key is ${state} and cannot be rotated: ${next}`)
}

function expiryOf(expires: string | undefined): Date | undefined {
  return expires === undefined ? undefined : parseExpiry(expires, '--expires', new Date())
}

function reveal(session: Session, { key, secret }: IssuedKey): CommandResult {
  session.note('The key is shown only now and stored nowhere: pass it on now.')
  return { document: { key, apiKey: secret }, text: `${describe(key).text}\n\n${secret}` }
}

function describe(key: ApiKey): CommandResult {
  const fields: Parameters<typeof renderFields>[0] = [
    ['id', key.id],
    ['organization', key.organizationId],
    ['name', key.name],
    ['hint', key.hint],
    ['state', key.state],
    ['created', key.createdAt],
    ['last used', key.lastUsedAt],
    ['expires', key.expiresAt],
    ['revoked', key.revokedAt],
  ]
  return { document: { key }, text: renderFields(fields) }
}
