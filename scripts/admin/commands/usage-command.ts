// `usage`: how many requests organizations and their keys make, for the operator.
import { Command } from '@commander-js/extra-typings'
import { inspectSettings } from '../../../src/config.ts'
import { createRedis, type RedisClient } from '../../../src/stores/redis-batch.ts'
import { lastUsageDays, MAX_USAGE_DAYS, USAGE_OUTCOMES } from '../../../src/usage/usage.ts'
import { AdminError } from '../admin-error.ts'
import { listKeys } from '../records/api-keys.ts'
import { findOrganization, listOrganizations } from '../records/organizations.ts'
import { REDIS_TIMEOUT_MS, throwRedisError } from '../redis-error.ts'
import type { CommandResult, RunCommand, Session } from '../session.ts'
import type { Settings } from '../settings.ts'
import { renderTable } from '../table.ts'
import { readUsageOf, sumUsage, type UsageSums } from '../usage/read-usage.ts'

const MAX_TOP = 1_000_000
const COUNTS = ['requests', ...USAGE_OUTCOMES] as const
const HEADING = COUNTS.map((name) => name.replaceAll('_', ' '))

const HELP = `
Days are days of UTC, and today is one of them. served: successes that queried the analytics store or have no figures; cached:
successes from the cache; rate limited and concurrency limited: refused with 429; failed: all other errors. Requests made while
Redis was unavailable are not counted. It costs one Redis command for each organization and day. Set the Worker's
UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN in the environment, or use --local.`

/** The command `usage`. */
export function usageCommand(run: RunCommand) {
  const command = new Command('usage')
    .description('requests by organization, or by day and key of one; those with the most requests first')
    .option('--org <org>', 'only this organization: its id or domain')
    .option('--days <number>', `how many days, at most ${MAX_USAGE_DAYS}`, '30')
    .option('--top <number>', 'how many organizations or keys to show', '20')
    .addHelpText('after', HELP)
  return command.action(({ org, days, top }) =>
    run(command, (session) => {
      const window = lastUsageDays(parseCount(days, '--days', MAX_USAGE_DAYS), Date.now())
      const most = parseCount(top, '--top', MAX_TOP)
      const redis = openRedis(session.settings)
      return org === undefined
        ? byOrganization(session, redis, window, most)
        : ofOrganization(session, redis, window, most, org)
    }),
  )
}

async function byOrganization(
  session: Session,
  redis: RedisClient,
  days: readonly string[],
  top: number,
): Promise<CommandResult> {
  const organizations = await listOrganizations(await session.database())
  const ids = organizations.map(({ id }) => id)
  const read = await readUsageOf(redis, ids, days).catch(throwRedisError)
  const used = organizations.map(({ id, name }, index) => ({
    ...{ id, name },
    ...sumUsage((read[index] ?? []).flatMap(({ keys }) => keys)),
  }))
  const shown = mostFirst(used).slice(0, top)
  const rows = shown.map((organization) => [organization.id, ...countsOf(organization), organization.name])
  const { columns } = session.terminal
  return {
    document: { ...windowOf(days), organizations: shown },
    text: renderTable(['id', ...HEADING, 'name'], rows, nothingIn(days), columns),
  }
}

async function ofOrganization(
  session: Session,
  redis: RedisClient,
  days: readonly string[],
  top: number,
  reference: string,
): Promise<CommandResult> {
  const database = await session.database()
  const { id, name } = await findOrganization(database, reference)
  const [read = []] = await readUsageOf(redis, [id], days).catch(throwRedisError)
  const known = new Map((await listKeys(database, id)).map((key) => [key.id, key]))
  const counts = read.flatMap(({ keys }) => keys)
  const keys = [...new Set(counts.map(({ keyId }) => keyId))].map((keyId) => ({
    id: keyId ?? null,
    name: keyId === undefined ? 'people' : (known.get(keyId)?.name ?? null),
    hint: known.get(keyId ?? '')?.hint ?? null,
    ...sumUsage(counts.filter((count) => count.keyId === keyId)),
  }))
  const shown = mostFirst(keys).slice(0, top)
  const byDay = read.map((day) => ({ date: day.date, ...sumUsage(day.keys) }))
  const { columns } = session.terminal
  const keyRows = shown.map((key) => [key.hint, ...countsOf(key), key.name])
  const dayRows = byDay.filter(({ requests }) => requests > 0).map((day) => [day.date, ...countsOf(day)])
  const tables = [
    renderTable(['key', ...HEADING, 'name'], keyRows, '', columns),
    renderTable(['day', ...HEADING], dayRows, '', columns),
  ]
  return {
    document: { ...windowOf(days), organization: { id, name }, keys: shown, days: byDay },
    text: keys.length === 0 ? nothingIn(days) : tables.join('\n\n'),
  }
}

function mostFirst<Used extends UsageSums>(all: readonly Used[]): Used[] {
  return all.filter(({ requests }) => requests > 0).sort((a, b) => b.requests - a.requests)
}

function countsOf(sums: UsageSums): number[] {
  return COUNTS.map((name) => sums[name])
}

function windowOf(days: readonly string[]) {
  return { from: days[0], to: days.at(-1), timeZone: 'UTC' }
}

function nothingIn(days: readonly string[]): string {
  return `No requests were counted from ${days[0]} to ${days.at(-1)} (UTC)`
}

function parseCount(text: string, option: string, most: number): number {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= most) return count
  throw new AdminError('usage', `${option} must be a whole number from 1 to ${most}: give another`)
}

function openRedis(settings: Settings): RedisClient {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = inspectSettings(settings).right
  if (url && token) return createRedis({ url, token, timeoutMs: REDIS_TIMEOUT_MS })
  throw new AdminError(
    'usage',
    "UPSTASH_REDIS_REST_URL or UPSTASH_REDIS_REST_TOKEN is missing or wrong: set the Worker's own, and check them with doctor",
  )
}
