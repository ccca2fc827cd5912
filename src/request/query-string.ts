// Reads a request's parameters by their schema, or says what is wrong with each.

import * as z from 'zod/mini'
import type { ParameterProblem } from '../contract.ts'

export type ParsedQuery<Query> = { ok: true; query: Query } | { ok: false; details: ParameterProblem[] }

/**
 * Parses the query part of `url`. A parameter whose schema is an array takes a comma-separated list, spaces around
 * its entries allowed, and may be repeated; entries that differ in case only are one, the first spelling kept. Every
 * other parameter may be given once. Parameters the schema does not know are left alone.
 */
export function readQuery<Query>(
  schema: z.ZodMiniObject & z.core.$ZodType<Query>,
  url: string,
): ParsedQuery<Query> {
  const search = new URL(url).searchParams
  const raw: Record<string, string | string[]> = {}
  const details: ParameterProblem[] = []
  for (const [name, field] of Object.entries(schema.shape)) {
    const values = search.getAll(name)
    const [first] = values
    if (first === undefined) continue
    if (field instanceof z.ZodMiniArray) raw[name] = splitList(values)
    else if (values.length === 1) raw[name] = first
    else details.push({ parameter: name, message: 'Give this parameter once.' })
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success && details.length === 0) return { ok: true, query: parsed.data }
  for (const issue of parsed.error?.issues ?? []) {
    details.push({ parameter: String(issue.path[0]), message: issue.message })
  }
  return { ok: false, details }
}

function splitList(values: string[]): string[] {
  const entries = new Map<string, string>()
  for (const entry of values.join(',').split(',')) {
    const text = entry.trim()
    const folded = text.toLowerCase()
    if (!entries.has(folded)) entries.set(folded, text)
  }
  // A list of nothing is an empty list and not a list of one empty entry.
  if (entries.size === 1 && entries.has('')) return []
  return [...entries.values()]
}
