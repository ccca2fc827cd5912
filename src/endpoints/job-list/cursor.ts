// The cursor of a job list: where the next page begins. Opaque to callers, and parsed like all of their input.

import * as z from 'zod/mini'
import { LIST_SORTS, type ListSort } from './parameters.ts'

/** The last job of a page (its value of the sort field, and its ID), and the number of the next page. */
export interface JobCursor {
  sort: ListSort
  /** In a list sorted by a figure: that figure, or the time of creation of a job without one, since those follow in that order. */
  value: string
  id: string
  page: number
}

const FIGURE = /^[1-9]\d{0,14}$/
const TIME = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

const cursorFields = z.tuple([
  z.enum(LIST_SORTS),
  // Postgres allows neither in a text.
  z.string().check(z.refine((text) => !text.includes('\0') && text.isWellFormed())),
  z.guid(),
  z.int().check(z.minimum(2), z.maximum(1_000_000_000)),
])

const SORTED_LENGTH = 200

/** The part of a title that a list is sorted by: its first 200 characters, counted like `left` in Postgres. */
export function sortedPart(title: string): string {
  return Array.from(title).slice(0, SORTED_LENGTH).join('')
}

/** The cursor as a text of letters, digits, `-` and `_`. */
export function encodeCursor({ sort, value, id, page }: JobCursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([sort, value, id, page]))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The cursor in this text; undefined if it is not one. */
export function decodeCursor(text: string): JobCursor | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const decoded: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    )
    const [sort, value, id, page] = cursorFields.parse(decoded)
    const isFigure = (sort === '-visitors' || sort === '-applications') && FIGURE.test(value)
    if (sort !== 'title' && !isFigure && !(TIME.test(value) && isRealTime(value))) return undefined
    return { sort, value, id, page }
  } catch {
    return undefined
  }
}

/** `Date` turns February 31 into March 3; Postgres refuses it. */
function isRealTime(value: string): boolean {
  const date = new Date(value)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === value.slice(0, 19)
}
