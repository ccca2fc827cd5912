// Where a walk through a list of jobs goes on: opaque to callers, checked like everything that comes from them.

import * as z from 'zod/mini'
import { JOB_SORTS, type JobSort } from './job-selection.ts'

/** The last job of a page: what it is sorted by, its ID; and the number of the page that follows. */
export interface JobCursor {
  sort: JobSort
  value: string
  id: string
  page: number
}

const TIME = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

const cursorFields = z.tuple([
  z.enum(JOB_SORTS),
  // Neither is ever in a text of Postgres, which answers them with an error.
  z.string().check(z.refine((text) => !text.includes('\0') && text.isWellFormed())),
  z.guid(),
  z.int().check(z.minimum(2), z.maximum(1_000_000_000)),
])

const SORTED_LENGTH = 200

/** As much of a title as a list is sorted by: its first 200 characters, as `left` of Postgres counts them. */
export function sortedPart(title: string): string {
  return Array.from(title).slice(0, SORTED_LENGTH).join('')
}

/** The cursor as text of letters, digits, `-` and `_`. */
export function encodeCursor({ sort, value, id, page }: JobCursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([sort, value, id, page]))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The cursor in this text; undefined where there is none. */
export function decodeCursor(text: string): JobCursor | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const decoded: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    )
    const [sort, value, id, page] = cursorFields.parse(decoded)
    if (sort !== 'title' && !(TIME.test(value) && isRealTime(value))) return undefined
    return { sort, value, id, page }
  } catch {
    return undefined
  }
}

/** `Date` lets February 31 be March 3; Postgres refuses it. */
function isRealTime(value: string): boolean {
  const date = new Date(value)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === value.slice(0, 19)
}
