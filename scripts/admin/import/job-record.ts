// What a line of an import says about a job: its columns, their rules and their defaults.
import * as z from 'zod/mini'
import { parseInstant } from '../points-in-time.ts'

export const JOB_COLUMNS = ['id', 'title', 'slug', 'path', 'status', 'created_at', 'expires_at'] as const
export const JOB_STATUSES = ['pending', 'active', 'expired', 'draft'] as const

const MAX_LENGTH = 1_000

/** A job as it is to be stored. */
export interface JobRecord {
  /** A UUID in lower case. */
  id: string
  title: string
  slug: string
  /** As the analytics store records it: decoded, without query and fragment. */
  path: string
  status: string
  /** Null: a new job gets the time of the import, a known one keeps its own. */
  created_at: string | null
  /** Null: never. */
  expires_at: string | null
}

/** Null and the empty text are the same as a missing column. */
const cell = z.nullish(z.string('is not text'))
const shape = z.strictObject({
  id: cell,
  title: cell,
  slug: cell,
  path: cell,
  status: cell,
  created_at: cell,
  expires_at: cell,
})

/** Why a line is refused: the column and what is wrong with it, to be read after "line 7: ". */
class Refusal extends Error {}

/**
 * Checks one record. `id`, `title` and `slug` are required; `path` is `/jobs/<slug>` unless given, `status` is `active`.
 * Line breaks and runs of spaces in the title become one space.
 */
export function parseJob(record: unknown): { job: JobRecord } | { problem: string } {
  try {
    return { job: readJob(record) }
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message }
    throw error
  }
}

function readJob(record: unknown): JobRecord {
  const parsed = shape.safeParse(record)
  if (!parsed.success) throw new Refusal(describe(parsed.error.issues[0]))
  const cells = parsed.data
  const slug = readText('slug', cells.slug)
  if (/[/?#\s]/.test(slug)) throw new Refusal('slug holds a space, "/", "?" or "#"')
  return {
    id: readId(cells.id),
    title: readText('title', cells.title?.replaceAll(/\s+/g, ' ')),
    slug,
    path: readPath(cells.path || `/jobs/${slug}`),
    status: readStatus(cells.status || 'active'),
    created_at: readInstant('created_at', cells.created_at),
    expires_at: readInstant('expires_at', cells.expires_at),
  }
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    return `${quote(issue.keys[0])} is not one of ${JOB_COLUMNS.join(', ')}`
  }
  return issue?.path[0] === undefined
    ? 'it is not a JSON object'
    : `${String(issue.path[0])} ${issue.message}`
}

function readId(id: string | null | undefined): string {
  if (!id) throw new Refusal('id is missing')
  if (!z.guid().safeParse(id).success) throw new Refusal(`id ${quote(id)} is not a UUID`)
  return id.toLowerCase()
}

function readText(column: string, given: string | null | undefined): string {
  const text = given?.trim()
  if (!text) throw new Refusal(`${column} is missing`)
  if (text.length > MAX_LENGTH) throw new Refusal(`${column} is longer than ${MAX_LENGTH} characters`)
  // Postgres stores neither, and would refuse the whole batch.
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw new Refusal(`${column} holds a control character`)
  return text
}

function readPath(given: string): string {
  const path = readText('path', given)
  if (!path.startsWith('/'))
    throw new Refusal('path does not start with "/": give it without scheme and domain')
  if (/[?#]/.test(path))
    throw new Refusal('path holds "?" or "#": the analytics store records it without query and fragment')
  if (/%[0-9a-f]{2}/i.test(path))
    throw new Refusal('path is percent-encoded: the analytics store records it decoded')
  return path
}

function readStatus(status: string): string {
  if (JOB_STATUSES.some((known) => known === status)) return status
  throw new Refusal(`status ${quote(status)} is not one of ${JOB_STATUSES.join(', ')}`)
}

function readInstant(column: string, given: string | null | undefined): string | null {
  if (!given) return null
  const instant = parseInstant(given)
  if (instant !== undefined) return instant
  throw new Refusal(`${column} ${quote(given)} is not a date such as 2030-12-31 or 2030-12-31T09:00:00Z`)
}

function quote(text: string | undefined): string {
  const shown = text ?? ''
  return JSON.stringify(shown.length > 40 ? `${shown.slice(0, 40)}…` : shown)
}
