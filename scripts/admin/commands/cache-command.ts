// `cache`: the figures that the Worker has cached in Redis.
import { Command } from '@commander-js/extra-typings'
import { inspectSettings } from '../../../src/config.ts'
import { namespaceOf } from '../../../src/connect.ts'
import { createRedis } from '../../../src/stores/redis-batch.ts'
import { AdminError } from '../admin-error.ts'
import { type ClearProgress, clearCache } from '../cache/clear-cache.ts'
import { keyPrefixesOf } from '../records/api-keys.ts'
import { jobsOwnedBy } from '../records/jobs.ts'
import { findOrganization } from '../records/organizations.ts'
import { REDIS_TIMEOUT_MS, throwRedisError } from '../redis-error.ts'
import type { CommandResult, RunCommand, Session } from '../session.ts'
import type { Settings } from '../settings.ts'

const PROGRESS_EVERY_MS = 1_000

const HELP = `
Figures of days that are over stay in the cache for up to CACHE_FRESH_SECONDS. Clear it after you changed the past: visits
imported into the analytics store, another page or time zone of jobs. Set the Worker's UPSTASH_REDIS_REST_URL,
UPSTASH_REDIS_REST_TOKEN, PLAUSIBLE_URL and ANALYTICS_JOB_DIMENSION in the environment, or use --local.`

/** The command `cache` with its subcommands. */
export function cacheCommand(run: RunCommand) {
  return new Command('cache')
    .description('figures that the Worker has cached in Redis')
    .addCommand(clearCommand(run))
}

function clearCommand(run: RunCommand) {
  const command = new Command('clear')
    .description("remove an organization's cached figures; requests then query the analytics store again")
    .requiredOption('--org <org>', 'id or domain of the organization')
    .addHelpText('after', HELP)
  return command.action(({ org }) => run(command, (session) => clear(session, org)))
}

async function clear(session: Session, reference: string): Promise<CommandResult> {
  const { redis, namespace } = openRedis(session.settings)
  const database = await session.database()
  const { id, name } = await findOrganization(database, reference)
  const owner = {
    ...{ organizationId: id, namespace, keyPrefixes: await keyPrefixesOf(database, id) },
    ownJobs: (ids: readonly string[]) => jobsOwnedBy(database, id, ids),
  }
  const { interrupted } = session.terminal
  const cleared = await clearCache(redis, owner, progressNotes(session), interrupted).catch(throwRedisError)
  if (interrupted.aborted) {
    throw new AdminError(
      'interrupted',
      `Interrupted after ${cleared.removed} entries were removed: run this again`,
      cleared,
    )
  }
  const { removed } = cleared
  return {
    document: { organization: { id, name }, removed },
    text:
      removed === 0
        ? `Nothing of ${name} (${id}) is cached`
        : `Removed ${removed} cached entries of ${name} (${id})`,
  }
}

function openRedis(settings: Settings) {
  const { right } = inspectSettings(settings)
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = right
  const { PLAUSIBLE_URL, ANALYTICS_JOB_DIMENSION, ANALYTICS_API } = right
  if (!url || !token || !PLAUSIBLE_URL || !ANALYTICS_JOB_DIMENSION || !ANALYTICS_API) {
    const names =
      'UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN, PLAUSIBLE_URL, ANALYTICS_JOB_DIMENSION or ANALYTICS_API'
    throw new AdminError(
      'usage',
      `${names} is missing or wrong: set the Worker's own, and check them with doctor`,
    )
  }
  const namespace = namespaceOf({ PLAUSIBLE_URL, ANALYTICS_JOB_DIMENSION, ANALYTICS_API })
  return { redis: createRedis({ url, token, timeoutMs: REDIS_TIMEOUT_MS }), namespace }
}

/** A line a second, so that a long run shows that it goes on. */
function progressNotes({ note }: Session): (progress: ClearProgress) => void {
  let shownAt = performance.now()
  return ({ scanned, total, removed }) => {
    if (performance.now() - shownAt < PROGRESS_EVERY_MS) return
    shownAt = performance.now()
    note(`${scanned} of about ${total} keys scanned, ${removed} removed`)
  }
}
