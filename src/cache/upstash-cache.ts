// Writes cached figures to Redis, up to a limit for each organization.

import type { RedisBatch } from '../stores/redis-batch.ts'
import type { StoredEntry } from './stored-entries.ts'

/** What one organization may add to the cache within the lifetime of an entry. */
const MAX_ORGANIZATION_BYTES = 20_000_000

/**
 * KEYS: the organization's count of bytes, then one per figure. ARGV: seconds to live, the most bytes, then one entry per
 * figure. An entry that replaces another one counts with the difference.
 */
const WRITE_SCRIPT = `#!lua flags=allow-key-locking
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local grown = 0
for i = 2, #KEYS do
  local entry = ARGV[i + 1]
  if used + grown + #entry <= tonumber(ARGV[2]) then
    local old = redis.call('SET', KEYS[i], entry, 'EX', ARGV[1], 'GET')
    grown = grown + #entry - (old and #old or 0)
  end
end
if grown > 0 then
  redis.call('INCRBY', KEYS[1], grown)
  if used == 0 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
end
return grown`

/** Adds the writing of entries to the batch; they live for `lifetimeSeconds`. */
export function writeEntries(
  batch: RedisBatch,
  countKey: string,
  entries: readonly StoredEntry[],
  lifetimeSeconds: number,
): Promise<unknown> {
  if (entries.length === 0) return Promise.resolve()
  const keys = [countKey, ...entries.map(({ key }) => key)]
  const args = [lifetimeSeconds, MAX_ORGANIZATION_BYTES, ...entries.map(({ text }) => text)]
  return batch.add((pipeline) => pipeline.eval(WRITE_SCRIPT, keys, args))
}
