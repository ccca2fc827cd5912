// How values of the analytics store are matched with jobs: by page, or by an ID in a property.
import type { JobPages } from '../records/jobs.ts'
import { differencesOf, twinKey } from './page-twins.ts'

/** One way of counting jobs. A value that no job has exactly may still stand for one, with a twin of one of its forms. */
export interface JobMatching {
  /** What values that count as the same have in common. */
  fold(value: string): string
  /** The folded values that are counted for a job. */
  countedFor(job: JobPages): string[]
  /** What a value shares with its twins. */
  keysOf(value: string): string[]
  /** The spellings of a job that a value may be a twin of. */
  formsOf(job: JobPages): string[]
  /** In which ways a value differs from such a form; empty when they are not twins. */
  differences(value: string, form: string): string[]
}

/** Jobs that are counted by their pages (`event:page`). */
export const PAGE_MATCHING: JobMatching = {
  fold: (page) => page,
  countedFor: pagesOf,
  keysOf: keysOfPage,
  formsOf: pagesOf,
  differences: differencesOf,
}

/** Jobs that are counted by their ID in a property (`event:props:<name>`), in upper or lower case. */
export const PROPERTY_MATCHING: JobMatching = {
  fold: (value) => value.toLowerCase(),
  countedFor: ({ id }) => [id],
  keysOf: (value) => [hexOf(value) ?? value.toLowerCase(), ...keysOfPage(value)],
  formsOf: (job) => [job.id, job.slug, ...pagesOf(job)],
  differences: (value, form) =>
    hexOf(value) !== undefined && hexOf(value) === hexOf(form)
      ? ['form of the ID']
      : [form.startsWith('/') ? 'path instead of ID' : 'slug instead of ID'],
}

function pagesOf({ path, paths }: JobPages): string[] {
  return [path, ...paths]
}

function keysOfPage(page: string): string[] {
  const key = page.startsWith('/') ? twinKey(page) : undefined
  return key === undefined ? [] : [key]
}

/** The 32 digits of a UUID, also in braces, after "urn:uuid:" or without hyphens. */
function hexOf(value: string): string | undefined {
  const digits = value
    .toLowerCase()
    .replace('urn:uuid:', '')
    .replaceAll(/[\s{}-]/g, '')
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined
}
