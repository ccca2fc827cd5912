// A job in an import: its columns, their rules and their defaults.
import * as z from 'zod/mini'
import { parseInstant } from '../points-in-time.ts'
import { quote } from './columns.ts'

/** The columns of an import. */
export const JOB_COLUMNS = [
  'id',
  'title',
  'slug',
  'path',
  'paths',
  'status',
  'created_at',
  'expires_at',
] as const
/** A column of an import. */
export type JobColumn = (typeof JOB_COLUMNS)[number]
/** What `status` may be. */
export const JOB_STATUSES = ['pending', 'active', 'expired', 'draft'] as const

const MAX_LENGTH = 1_000
/** The analytics store cuts off longer ones. */
const MAX_PATH_LENGTH = 2_000
const MAX_PATHS = 20

/** A job in the form in which it is stored. */
export interface JobRecord {
  /** A UUID in lower case. */
  id: string
  title: string
  slug: string
  /** As the analytics store records it: decoded and without query; a tracker in hash mode records the fragment too. */
  path: string
  /** Further pages, none of them `path` and none twice. Null: a new job has none, an existing one keeps its own. */
  paths: string[] | null
  status: string
  /** Null: a new job gets the time of the import, an existing one keeps its own. */
  created_at: string | null
  /** Null: never. */
  expires_at: string | null
}

/** Null and blank text are the same as a missing column. */
const cell = z.nullish(
  z.pipe(
    z.string('is not text'),
    z.transform((text: string) => text.trim()),
  ),
)
const shape = z.strictObject({
  id: cell,
  title: cell,
  slug: cell,
  path: cell,
  paths: z.nullish(z.array(z.string('holds something that is not text'), 'is not an array of paths')),
  status: cell,
  created_at: cell,
  expires_at: cell,
})

/** Returns the page of a job whose path is not given. */
export function pathOf(slug: string): string {
  return `/jobs/${slug}`
}

/**
 * Splits the cell `paths` of a CSV file at "|"; `\|` is that character itself and `\\` a backslash. Returns undefined for a
 * blank cell and an empty array for one with a "|" only.
 */
export function splitPaths(cell: string): string[] | undefined {
  if (cell.trim() === '') return undefined
  const pieces = cell.match(/(?:\\[|\\]|[^|])+/g) ?? []
  return pieces.map((piece) => piece.replaceAll(/\\([|\\])/g, '$1').trim()).filter((path) => path !== '')
}

/** Why a line is refused: the column and what is wrong with it, read after "line 7: ". */
class Refusal extends Error {}

/**
 * Checks one record. `id`, `title` and `slug` are required; `path` is `/jobs/<slug>` unless given, `status` is `active`.
 * Spaces around a value are removed; line breaks and runs of spaces in the title become one space. Paths are in Unicode's
 * normalization form C; one of `paths` that is not is kept as it is, too, for a store that has recorded it so.
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
  if (/[/?\s]/.test(slug)) throw new Refusal('slug holds a space, "/" or "?"')
  const path = readPath(cells.path || pathOf(slug))
  return {
    id: readId(cells.id),
    title: readText('title', cells.title?.replaceAll(/\s+/g, ' ')),
    slug,
    path,
    paths: readPaths(cells.paths, path),
    status: readStatus(cells.status || 'active'),
    created_at: readInstant('created_at', cells.created_at),
    expires_at: readInstant('expires_at', cells.expires_at),
  }
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    return `${quote(issue.keys[0])} is not one of ${JOB_COLUMNS.join(', ')}: correct it, or add --ignore-extra-columns`
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

function readText(column: string, given: string | null | undefined, maxLength = MAX_LENGTH): string {
  const text = given?.trim()
  if (!text) throw new Refusal(`${column} is missing`)
  if (text.length > maxLength) throw new Refusal(`${column} is longer than ${maxLength} characters`)
  // Postgres stores neither, and would refuse the whole batch.
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) throw new Refusal(`${column} holds a control character`)
  return text
}

function readPath(given: string): string {
  const path = readText('path', given, MAX_PATH_LENGTH).normalize('NFC')
  if (!path.startsWith('/'))
    throw new Refusal('path does not start with "/": give it without scheme and domain')
  // A tracker in hash mode records everything after "#".
  if (/^[^#]*\?/.test(path))
    throw new Refusal('path holds "?": the analytics store records it without the query')
  if (/%[0-9a-f]{2}/i.test(path))
    throw new Refusal(
      'path is percent-encoded: the analytics store records it decoded (a page that it really has so belongs in paths)',
    )
  return path
}

/** Further pages are imported as they are: the store may have recorded an encoded character, a "?" or a "#". */
function readPaths(given: readonly string[] | null | undefined, path: string): string[] | null {
  if (!given) return null
  if (given.length > MAX_PATHS) throw new Refusal(`paths holds more than ${MAX_PATHS}`)
  const pages = given.flatMap((each) => {
    const page = readText('paths', each, MAX_PATH_LENGTH)
    if (!page.startsWith('/')) {
      throw new Refusal(
        `paths holds ${quote(page)}, which does not start with "/": give it without scheme and domain`,
      )
    }
    return [page.normalize('NFC'), page]
  })
  return [...new Set(pages)].filter((page) => page !== path)
}

function readStatus(status: string): string {
  if (JOB_STATUSES.some((known) => known === status)) return status
  throw new Refusal(`status ${quote(status)} is not one of ${JOB_STATUSES.join(', ')}`)
}

function readInstant(column: string, given: string | null | undefined): string | null {
  if (!given) return null
  const parsed = parseInstant(given)
  if ('instant' in parsed) return parsed.instant
  throw new Refusal(`${column} ${quote(given)} ${parsed.problem}`)
}
