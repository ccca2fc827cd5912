// The responses of an operation: what each status means, its errors, its fields and its headers.

import { html } from 'hono/html'
import { anchorOf, inlineMarkdown } from './markdown.ts'
import type { Described, Operation, ReferenceDocument, ResponseEntry } from './reference-document.ts'
import { fieldList } from './schema-text.ts'

/** The anchor of a header in the list of response headers. */
export function headerAnchor(name: string): string {
  return `header-${anchorOf(name)}`
}

/** Every response, those without an error first, as the document has them. */
export function responseList(document: ReferenceDocument, { id, responses }: Operation) {
  return html`<dl class="responses">${responses.map(
    ({
      status,
      response,
    }) => html`<div id="${id}.${status}"><dt><span class="${tagOf(status)}">${status}</span></dt>
<dd>${errorCodes(response) ?? html`<p>${inlineMarkdown(response.description)}</p>`}${contentTypes(response)}${fields(document, response)}${headerNames(response)}</dd></div>
`,
  )}</dl>`
}

/** The examples of a body, by the name under which the document has them. */
export function examplesOf({ examples = {} }: Described): { summary: string; value: unknown }[] {
  return Object.entries(examples).map(([name, { summary = name, value }]) => ({ summary, value }))
}

/** The codes of an error response, each with its message; undefined if the response is not an error. */
function errorCodes({ content }: ResponseEntry) {
  const codes = Object.entries(content['application/json']?.examples ?? {}).filter(([, { value }]) =>
    isError(value),
  )
  if (codes.length === 0) return undefined
  return html`<ul class="codes">${codes.map(
    ([code, { summary = '' }]) =>
      html`<li><a href="/docs/errors#${code}"><code>${code}</code></a> ${inlineMarkdown(summary)}</li>`,
  )}</ul>`
}

function isError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value
}

function contentTypes(response: ResponseEntry) {
  const types = Object.keys(response.content)
  if (types.length === 0 || errorCodes(response)) return ''
  return html`<p class="facts">${types.map((type) => html`<code>${type}</code> `)}</p>`
}

function fields(document: ReferenceDocument, response: ResponseEntry) {
  const schema = response.content['application/json']?.schema
  const list = schema && !errorCodes(response) && fieldList(document, schema)
  return list ? html`<details><summary>Fields</summary>${list}</details>` : ''
}

function headerNames({ headers }: ResponseEntry) {
  const names = Object.keys(headers)
  if (names.length === 0) return ''
  return html`<details><summary>${names.length} headers</summary><p class="names">${names.map(
    (name) => html`<a href="#${headerAnchor(name)}">${name}</a> `,
  )}</p></details>`
}

function tagOf(status: string): string {
  if (status.startsWith('2')) return 'tag good'
  return status.startsWith('3') ? 'tag' : 'tag bad'
}
