// Cached figures in Redis: how an entry is written and what is accepted as one.

import type { Redis } from '@upstash/redis/cloudflare'
import type { CacheEntry } from '../domain/freshness.ts'

/** KEYS: one per figure. ARGV: seconds to live, then one entry per key. One command instead of a SET for each. */
const WRITE_SCRIPT = `#!lua flags=allow-key-locking
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1]) end
return #KEYS`

/** Writes entries into the current batch, each under the name `nameOf` its key and to live `lifetimeSeconds`. */
export function writeEntries(
  redis: Redis,
  writes: readonly { key: string; entry: CacheEntry }[],
  nameOf: (key: string) => string,
  lifetimeSeconds: number,
): Promise<unknown> {
  const entries = writes.map(({ entry }) => JSON.stringify([entry.value, entry.readAt, entry.site]))
  const keys = writes.map(({ key }) => nameOf(key))
  return redis.eval(WRITE_SCRIPT, keys, [lifetimeSeconds, ...entries])
}

/** The entries in what Redis holds under some keys; undefined for nothing and for anything else than an entry. */
export function parseEntries(texts: readonly unknown[]): (CacheEntry | undefined)[] {
  // One parse of all is cheaper than one of each, which is left for the day when one of them is broken.
  const all = texts.map((text) => (typeof text === 'string' ? text : 'null')).join(',')
  const parsed = parseJson(`[${all}]`)
  if (Array.isArray(parsed) && parsed.length === texts.length) return parsed.map(toEntry)
  return texts.map((text) => (typeof text === 'string' ? toEntry(parseJson(text)) : undefined))
}

function toEntry(parsed: unknown): CacheEntry | undefined {
  if (!Array.isArray(parsed)) return undefined
  const [value, readAt, site]: unknown[] = parsed
  return typeof readAt === 'number' && typeof site === 'string' ? { value, readAt, site } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
