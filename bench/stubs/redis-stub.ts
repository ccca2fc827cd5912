// Upstash as the benchmark needs it: admits everyone, and gives back what a script wrote, or nothing. Refuses the rest.

import * as z from 'zod/mini'

const command = z.array(z.union([z.string(), z.number()]))
const pipeline = z.array(command)

/** Requests counted and slots taken that admission tells of: within the default limits. */
const REQUESTS_USED = 57
const SLOTS_TAKEN = 3

/** Thrown for what this stub does not do. */
export class UnknownCommand extends Error {
  override name = 'UnknownCommand'
}

/** What the Workers' scripts have written, by key. */
const written = new Map<string, string>()

/**
 * Answers the body of a POST to `/` or `/pipeline`. `cached`: whether what was written is given back. Throws
 * `UnknownCommand`.
 */
export function answerRedis(
  path: string,
  body: string,
  cached: boolean,
): { commands: number; answer: string } {
  const parsed: unknown = JSON.parse(body)
  if (path === '/') {
    return { commands: 1, answer: JSON.stringify({ result: resultOf(command.parse(parsed), cached) }) }
  }
  if (path !== '/pipeline') throw new UnknownCommand(`POST ${path}`)
  const commands = pipeline.parse(parsed)
  const results = commands.map((entry) => ({ result: resultOf(entry, cached) }))
  return { commands: commands.length, answer: JSON.stringify(results) }
}

function resultOf(entry: z.infer<typeof command>, cached: boolean): unknown {
  const [name = '', ...args] = entry.map(String)
  switch (name.toLowerCase()) {
    case 'eval':
    case 'evalsha':
      return scriptResult(args)
    case 'mget':
      return args.map((key) => (cached ? (written.get(key) ?? null) : null))
    case 'set':
      return 'OK'
    case 'zrem':
    case 'del':
    case 'incr':
      return 1
    case 'decr':
      return 0
    default:
      throw new UnknownCommand(name)
  }
}

/** Admission's script, the library's sliding window (tokens left, limit) and, for all others, how many keys it wrote. */
function scriptResult([, count = '0', ...args]: string[]): unknown {
  const keys = args.slice(0, Number(count))
  const [firstKey = ''] = keys
  if (firstKey.endsWith(':log')) return [0, REQUESTS_USED, SLOTS_TAKEN, Date.now() - 30_000]
  if (firstKey.startsWith('@upstash/ratelimit')) return [REQUESTS_USED, 100]
  // A writing script's last arguments are the values, one a key.
  const values = args.slice(-keys.length)
  for (const [index, key] of keys.entries()) written.set(key, values[index] ?? '')
  return keys.length
}
