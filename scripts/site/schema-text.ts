// JSON schemas as people read them: the type in words, and the fields of an object as a list.

import { html } from 'hono/html'
import { inlineMarkdown } from './markdown.ts'
import type { Html } from './page-shell.ts'
import { type ReferenceDocument, resolve, type Schema } from './reference-document.ts'

const FORMATS: Record<string, string> = {
  uuid: 'UUID',
  date: 'date',
  'date-time': 'date and time',
  uri: 'URL',
}

/** The words of a schema that allows only some, those of a list's entries included; none if it allows others. */
export function wordsOf(document: ReferenceDocument, given: Schema): string[] {
  const schema = resolve<Schema>(document, given)
  if (schema.items) return wordsOf(document, schema.items)
  if (schema.const !== undefined) return [String(schema.const)]
  return (schema.enum ?? []).map(String)
}

/** The type in a few words: "string", "list of UUIDs", "integer from 1 to 100". */
export function typeText(document: ReferenceDocument, given: Schema): string {
  const schema = merged(document, given)
  const types = [schema.type ?? []].flat()
  const or = schema.anyOf?.map((part) => typeText(document, part)) ?? []
  if (or.length > 0) return or.join(' or ')
  if (schema.items) return `list of ${plural(typeText(document, schema.items))}`
  const text = types.map((type) => FORMATS[schema.format ?? ''] ?? type).join(' or ')
  return `${text}${rangeText(schema)}`
}

/** The fields of an object, or of the entries of a list, with those inside them; undefined if there are none. */
export function fieldList(document: ReferenceDocument, given: Schema): Html | undefined {
  const schema = merged(document, given)
  if (schema.items) return fieldList(document, schema.items)
  const entries = Object.entries(schema.properties ?? {})
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') entries.push(['{key}', additionalProperties])
  if (entries.length === 0) return undefined
  const fields = entries.map(([name, field]) => {
    const isOptional = name !== '{key}' && !schema.required?.includes(name)
    return fieldItem(document, name, field, isOptional)
  })
  return html`<ul class="fields">${fields}</ul>`
}

function fieldItem(document: ReferenceDocument, name: string, field: Schema, isOptional: boolean) {
  const words = wordsOf(document, field)
  const { description } = resolve<Schema>(document, field)
  return html`<li><code>${name}</code> <span class="quiet">${typeText(document, field)}${isOptional ? ', optional' : ''}</span>${
    words.length > 0 ? html` <span class="quiet">of ${wordList(words)}</span>` : ''
  }${description ? html` ${inlineMarkdown(description)}` : ''}${fieldList(document, field) ?? ''}</li>`
}

/** Words as code, separated by spaces. */
export function wordList(words: readonly string[]) {
  return html`${words.map((word) => html`<code>${word}</code> `)}`
}

/** A schema with the parts of its `allOf` merged into one. */
function merged(document: ReferenceDocument, given: Schema): Schema {
  const schema = resolve<Schema>(document, given)
  if (schema.allOf === undefined) return schema
  const parts = schema.allOf.map((part) => merged(document, part))
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  }
}

function plural(text: string): string {
  return /^(string|integer|number|object|UUID|URL|date)$/.test(text) ? `${text}s` : text
}

function rangeText({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  return minimum !== undefined && minimum !== 0 ? ` of at least ${minimum}` : ''
}
