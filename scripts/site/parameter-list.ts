// The parameters of an operation: name, type, what each one means, and its values.

import { html } from 'hono/html'
import { inlineMarkdown, markdown } from './markdown.ts'
import { exampleOf, type Operation, type Parameter, type ReferenceDocument } from './reference-document.ts'
import { typeText, wordList, wordsOf } from './schema-text.ts'

const PLACES: Record<string, string> = { query: '', path: 'in the path', header: 'header' }

/** The parameters, filters folded up at the end; one sentence if there are none. */
export function parameterList(document: ReferenceDocument, operation: Operation) {
  const { parameters } = operation
  if (parameters.length === 0) return html`<p class="quiet">No parameters.</p>`
  const filters = parameters.filter(isFilter)
  const others = parameters.filter((parameter) => !isFilter(parameter))
  return html`<dl class="parameters">${others.map((each) => parameterEntry(document, operation, each))}</dl>
${
  filters.length > 0
    ? html`<details class="filters"><summary>${filters.length} filters: ${wordList(filters.map(({ name }) => name).filter((name) => !name.endsWith('!')))}</summary>
<p>Repeat a filter to give more values. A name with <code>!</code> excludes them.</p>
<dl class="parameters">${filters.map((each) => parameterEntry(document, operation, each))}</dl></details>`
    : ''
}`
}

/** True for a list that is given value by value, such as the filters of figures. */
export function isFilter({ in: place, explode, schema }: Parameter): boolean {
  return place === 'query' && explode === true && schema?.type === 'array'
}

/** The anchor of a parameter on the page. */
export function parameterAnchor({ id }: Operation, { name }: Parameter): string {
  return `${id}.${name}`
}

/** An example as it is written in a query string or a header. */
export function exampleText(parameter: Parameter): string | undefined {
  const example = exampleOf(parameter)
  if (example === undefined) return undefined
  return Array.isArray(example) ? example.join(',') : String(example)
}

function parameterEntry(document: ReferenceDocument, operation: Operation, parameter: Parameter) {
  const { name, required, description = '', schema = {} } = parameter
  const place = PLACES[parameter.in] ?? parameter.in
  const anchor = parameterAnchor(operation, parameter)
  return html`<div id="${anchor}"><dt><a href="#${anchor}"><code>${name}</code></a> <span class="quiet">${typeText(document, schema)}${place ? `, ${place}` : ''}</span>${
    required ? html` <span class="tag warn">required</span>` : ''
  }</dt>
<dd>${description.includes('\n\n') ? markdown(description) : html`<p>${inlineMarkdown(description)}</p>`}${facts(document, parameter)}</dd></div>
`
}

function facts(document: ReferenceDocument, parameter: Parameter) {
  const { schema = {} } = parameter
  const words = wordsOf(document, schema)
  const fallback = [schema.default ?? []].flat().join(',')
  const example = words.length === 0 ? exampleText(parameter) : undefined
  if (words.length === 0 && fallback === '' && example === undefined) return ''
  return html`<p class="facts">${words.length > 0 ? html`<span>Values: ${wordList(words)}</span> ` : ''}${
    fallback ? html`<span>Default: <code>${fallback}</code></span> ` : ''
  }${example ? html`<span>Example: <code>${example}</code></span>` : ''}</p>`
}
