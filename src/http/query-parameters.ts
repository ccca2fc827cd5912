// Parses query parameters by a schema, and the schemas that parameters are made of.

import * as z from 'zod/mini'
import { ApiError, type ParameterProblem } from './errors.ts'

/** Parameters that are lists: `comma` entries are separated by commas, `verbatim` values stay as they are given. */
const listParameters = z.registry<{ list: 'comma' | 'verbatim' }>()

/** The longest list whose entries are checked at all. */
const MAX_ENTRIES = 1_000
const MAX_PROBLEMS = 20
const MAX_QUOTED_LENGTH = 40

/** The schema of an endpoint's parameters. */
type ParameterSchema<Query> = z.ZodMiniObject & z.core.$ZodType<Query>

/**
 * Parses query parameters, each with all of its values in order. A list takes comma-separated entries, with spaces around
 * them, and may be repeated or named `name[]`; of entries that differ in case only, the first is kept. Every other parameter
 * may be given once. Throws `ApiError` `invalid_request` with at most 20 problems.
 */
export function parseParameters<Query>(
  schema: ParameterSchema<Query>,
  parameters: Readonly<Record<string, string[]>>,
): Query {
  // Without a prototype, so that `__proto__` is a name like any other.
  const values: Record<string, unknown> = Object.create(null)
  const problems: ParameterProblem[] = []
  for (const [given, texts] of Object.entries(mergeBrackets(schema, parameters))) {
    const field = Object.hasOwn(schema.shape, given) ? schema.shape[given] : undefined
    const list = field && listKind(field)
    if (list === 'verbatim') values[given] = texts
    else if (list === 'comma') values[given] = splitList(texts)
    else if (texts.length === 1 || field === undefined) values[given] = texts[0]
    else problems.push({ parameter: given, message: 'Give this parameter only once.' })
  }
  return parseValues(schema, values, problems)
}

/** Parses named values of any type, as `parseParameters` does. `problems` are those that were found before. */
export function parseValues<Values>(
  schema: ParameterSchema<Values>,
  values: unknown,
  problems: readonly ParameterProblem[] = [],
): Values {
  const parsed = schema.safeParse(values)
  if (parsed.success && problems.length === 0) return parsed.data
  const issues = (parsed.error?.issues ?? []).flatMap((issue) => problemsOf(issue, Object.keys(schema.shape)))
  throw new ApiError('invalid_request', { details: [...problems, ...issues].slice(0, MAX_PROBLEMS) })
}

/** Joins `name[]`, as some HTTP clients write lists, with `name`. */
function mergeBrackets<Query>(
  schema: ParameterSchema<Query>,
  parameters: Readonly<Record<string, string[]>>,
): Record<string, string[]> {
  const merged: Record<string, string[]> = Object.create(null)
  for (const [given, texts] of Object.entries(parameters)) {
    const bare = given.replace(/\[\]$/, '')
    const field = Object.hasOwn(schema.shape, bare) ? schema.shape[bare] : undefined
    const name = field && listKind(field) ? bare : given
    merged[name] = [...(merged[name] ?? []), ...texts]
  }
  return merged
}

function problemsOf(issue: z.core.$ZodIssue, names: readonly string[]): ParameterProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ parameter: String(issue.path[0]), message: issue.message }]
  }
  return issue.keys.map((key) => {
    const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
    const similar = names.find((name) => plain(name) === plain(key))
    const message = similar ? `Unknown parameter. Did you mean \`${similar}\`?` : 'Unknown parameter.'
    return { parameter: quoteName(key), message }
  })
}

function quoteName(name: string): string {
  return name.length > MAX_QUOTED_LENGTH ? `${name.slice(0, MAX_QUOTED_LENGTH)}…` : name
}

/** The schema of an endpoint that has no parameters. */
export const noParameters = z.strictObject({})

/** Which kind of list a parameter is, whether or not it is optional; undefined if it is not a list. */
function listKind(field: z.core.$ZodType): 'comma' | 'verbatim' | undefined {
  const kind = listParameters.get(field)?.list
  if (kind) return kind
  const isWrapped = field instanceof z.ZodMiniOptional || field instanceof z.ZodMiniDefault
  return isWrapped ? listKind(field.def.innerType) : undefined
}

function splitList(texts: readonly string[]): string[] {
  const text = texts.join(',')
  // An empty text is an empty list, not a list with one empty entry.
  if (text.trim() === '') return []
  const entries = text.split(',', MAX_ENTRIES + 1).map((entry) => entry.trim())
  const seen = new Set<string>()
  return entries.filter((entry) => {
    const folded = entry.toLowerCase()
    return !seen.has(folded) && seen.add(folded)
  })
}

/** A comma-separated list of distinct entries. Its length is checked before its entries are. */
export function list<Entry>(
  entry: z.core.$ZodType<Entry, string>,
  { most, none, tooMany }: { most: number; none: string; tooMany: string },
) {
  const texts = z.array(z.string(), { error: none }).check(z.minLength(1, none), z.maxLength(most, tooMany))
  return z.pipe(texts, z.array(entry)).register(listParameters, { list: 'comma' })
}

/** Values of a parameter that may be given up to `most` times, as they are. */
export function verbatim<Value>(value: z.core.$ZodType<Value, string>, most: number) {
  const texts = z.array(z.string()).check(z.maxLength(most, `Give this parameter at most ${most} times.`))
  return z.pipe(texts, z.array(value)).register(listParameters, { list: 'verbatim' })
}

/** One of these words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: (issue) => `${quote(issue.input)} must be one of ${words.join(', ')}.` })
}

/** A whole number from `minimum` to `maximum`. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = (issue: { input?: unknown }) =>
    `${quote(issue.input)} must be a whole number from ${minimum} to ${maximum}.`
  const digits = z.string().check(z.regex(/^\d{1,9}$/, { error }))
  return z.pipe(
    z.pipe(digits, z.transform(Number)),
    z.int().check(z.minimum(minimum, { error }), z.maximum(maximum, { error })),
  )
}

/** What the caller sent, short enough to read in a message. */
export function quote(input: unknown): string {
  const text = String(input)
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text)
}
