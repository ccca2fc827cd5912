// Upstash as the benchmark needs it: admits every request, returns what a script wrote, and refuses unknown commands.

import * as z from 'zod/mini'

const command = z.array(z.union([z.string(), z.number()]))
const pipeline = z.array(command)

/** Requests counted and slots taken in admission's reply: within the default limits. */
const REQUESTS_USED = 57
const SLOTS_TAKEN = 3
/** Organizations that have queried the analytics store in this hour, and how many queries each has sent. */
const SPENDING_ORGANIZATIONS = 20
const QUERIES_OF_EACH = '5'
/** Requests of a key on each day, for each way in which they ended. */
const REQUESTS_COUNTED = '250'

/** Thrown for a command that this stub does not support. */
export class UnknownCommand extends Error {
  override name = 'UnknownCommand'
}

/** The cache entries that the Workers' scripts have written, by key. */
const written = new Map<string, string>()

/**
 * The response to a POST to `/` or `/pipeline`, as JSON text. `cached`: whether written entries are returned. Throws
 * `UnknownCommand`.
 */
export function respondAsRedis(
  path: string,
  body: string,
  cached: boolean,
): { commands: number; text: string } {
  const parsed: unknown = JSON.parse(body)
  if (path === '/') {
    return { commands: 1, text: JSON.stringify({ result: resultOf(command.parse(parsed), cached) }) }
  }
  if (path !== '/pipeline') throw new UnknownCommand(`POST ${path}`)
  const commands = pipeline.parse(parsed)
  const results = commands.map((entry) => ({ result: resultOf(entry, cached) }))
  return { commands: commands.length, text: JSON.stringify(results) }
}

function resultOf(entry: z.infer<typeof command>, cached: boolean): unknown {
  const [name = '', ...args] = entry.map(String)
  switch (name.toLowerCase()) {
    case 'eval':
    case 'evalsha':
      return scriptResult(args)
    case 'mget':
      return args.map((key) => (cached ? (written.get(key) ?? null) : null))
    case 'hmget':
      return args.slice(1).map(() => REQUESTS_COUNTED)
    // No pause of the circuit breaker.
    case 'get':
      return null
    case 'zrange':
      return args[0]?.includes(':queries:') ? spending() : []
    case 'zincrby':
      return '1'
    case 'set':
      return 'OK'
    case 'hincrby':
    case 'zrem':
    case 'del':
    case 'expire':
    case 'incr':
      return 1
    case 'decr':
      return 0
    default:
      throw new UnknownCommand(name)
  }
}

/** The total, then members and scores. */
function spending(): string[] {
  const organizations = Array.from({ length: SPENDING_ORGANIZATIONS }, (_, index) => String(1_000 + index))
  const total = String(SPENDING_ORGANIZATIONS * Number(QUERIES_OF_EACH))
  return ['*', total, ...organizations.flatMap((id) => [id, QUERIES_OF_EACH])]
}

/** The result of admission, of the library's sliding window (tokens left, limit), or of the script that writes entries. */
function scriptResult([, count = '0', ...args]: string[]): unknown {
  const keys = args.slice(0, Number(count))
  const [firstKey = '', ...entryKeys] = keys
  if (firstKey.endsWith(':log')) return [0, REQUESTS_USED, SLOTS_TAKEN, 30_000, 0]
  if (firstKey.startsWith('@upstash/ratelimit')) return [REQUESTS_USED, 100]
  if (!firstKey.includes(':cache-bytes:')) throw new UnknownCommand(`script with the key ${firstKey}`)
  // The last arguments of this script are the entries, one for each key but the first.
  const entries = args.slice(-entryKeys.length)
  for (const [index, key] of entryKeys.entries()) written.set(key, entries[index] ?? '')
  return entries.reduce((sum, entry) => sum + entry.length, 0)
}
