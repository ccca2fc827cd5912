// Reads a request's parameters by their schema, or says what is wrong with each.

import * as z from 'zod/mini'
import type { ParameterProblem } from '../answers/parameter-problem.ts'
import { verbatimParameters } from '../contract.ts'

export type ParsedQuery<Query> = { ok: true; query: Query } | { ok: false; details: ParameterProblem[] }

/**
 * Parses a query string's parameters, each with all of its values in order. A parameter whose schema is an array takes
 * a comma-separated list, spaces around its entries allowed, and may be repeated; entries that differ in case only are
 * one, the first spelling kept. Every other parameter may be given once. A strict schema refuses parameters it does not
 * know, any other passes them over.
 */
export function readQuery<Query>(
  schema: z.ZodMiniObject & z.core.$ZodType<Query>,
  parameters: Readonly<Record<string, string[]>>,
): ParsedQuery<Query> {
  // Without a prototype, so that `__proto__` is a name like any other.
  const raw: Record<string, unknown> = Object.create(null)
  const details: ParameterProblem[] = []
  for (const [name, values] of Object.entries(parameters)) {
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined
    if (field && isList(field)) raw[name] = verbatimParameters.has(field) ? values : splitList(values)
    else if (values.length === 1) raw[name] = values[0]
    else if (field) details.push({ parameter: name, message: 'Give this parameter once.' })
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success && details.length === 0) return { ok: true, query: parsed.data }
  return { ok: false, details: [...details, ...(parsed.error?.issues ?? []).flatMap(problemsOf)] }
}

function problemsOf(issue: z.core.$ZodIssue): ParameterProblem[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ parameter: String(issue.path[0]), message: issue.message }]
  }
  return issue.keys.map((parameter) => ({ parameter, message: 'There is no such parameter.' }))
}

/** Whether a parameter is a list, behind whatever default it has. */
function isList(field: z.core.$ZodType): boolean {
  if (field instanceof z.ZodMiniArray) return true
  const optional = field instanceof z.ZodMiniOptional || field instanceof z.ZodMiniDefault
  return optional && isList(field.def.innerType)
}

function splitList(values: string[]): string[] {
  const text = values.join(',')
  const entries = /\s/.test(text) ? text.split(',').map((entry) => entry.trim()) : text.split(',')
  const isFolded = text === text.toLowerCase()
  const folded = isFolded ? entries : entries.map((entry) => entry.toLowerCase())
  const left = new Set(folded)
  // Mostly there is nothing to leave out.
  const isDistinct = left.size === entries.length
  const kept = isDistinct ? entries : entries.filter((_, place) => left.delete(folded[place] ?? ''))
  // A list of nothing is an empty list and not a list of one empty entry.
  return kept.length === 1 && kept[0] === '' ? [] : kept
}
