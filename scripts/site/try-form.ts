// The forms of the dialog that sends a request from the page: one for each GET operation.

import { html } from 'hono/html'
import type { Html } from './page-shell.ts'
import { exampleText, isFilter } from './parameter-list.ts'
import {
  isCompanion,
  type Operation,
  type Parameter,
  type ReferenceDocument,
  resolve,
  type Schema,
  takesKey,
} from './reference-document.ts'
import { wordsOf } from './schema-text.ts'

/** True for operations that the page can send: those that read, with a key or without any. */
export function canTry(operation: Operation): boolean {
  const isOpen = operation.security.length === 0 || takesKey(operation)
  return operation.method === 'GET' && isOpen && !isCompanion(operation)
}

/** The dialog with the one field for the key, a form per operation, and the place for the response. */
export function tryDialog(document: ReferenceDocument, operations: readonly Operation[]) {
  return html`<dialog id="try" aria-labelledby="try-title">
<div class="dialog-head"><h2 id="try-title" tabindex="-1">Try it</h2><form method="dialog"><button class="button plain small">Close</button></form></div>
<div class="key-field"><label for="api-key">API key</label>
<div class="key-row"><input id="api-key" type="password" placeholder="jak_…" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="key-hint"><button type="button" class="button plain" id="show-key" aria-pressed="false">Show</button></div>
<p id="key-hint" class="hint">This tab keeps the key until you close it, and sends it to this API only.</p></div>
${operations.map((operation) => tryForm(document, operation))}
<section id="try-result" aria-label="Response" hidden>
<p id="try-status" role="status"></p>
<details><summary>Headers</summary><pre><code id="try-headers"></code></pre></details>
<pre tabindex="0" aria-label="Body"><code id="try-body"></code></pre>
</section>
</dialog>`
}

function tryForm(document: ReferenceDocument, operation: Operation) {
  const { id, method, path, summary, parameters } = operation
  const shown = parameters.filter(({ in: place }) => place !== 'header')
  const filters = shown.filter(isFilter)
  const fields = (some: readonly Parameter[]) => some.map((each) => tryField(document, operation, each))
  return html`<form class="try-form" data-operation="${id}" data-path="${path}" data-summary="${summary}"${takesKey(operation) ? html` data-key` : ''} novalidate hidden>
${fields(shown.filter((parameter) => !isFilter(parameter)))}
${filters.length > 0 ? html`<details><summary>Filters</summary><div class="filter-fields">${fields(filters)}</div></details>` : ''}
<p class="send-row"><button class="button">Send</button> <code>${method} ${path}</code></p>
</form>
`
}

function tryField(document: ReferenceDocument, operation: Operation, parameter: Parameter): Html {
  const { name, required, schema: given = {} } = parameter
  const schema = resolve<Schema>(document, given)
  const fieldId = `try-${operation.id}-${name}`
  const words = wordsOf(document, schema)
  if (words.length > 0 && schema.items) return checkboxes(name, words)
  const label = html`<label for="${fieldId}">${name}${required ? html` <span class="tag warn">required</span>` : ''}</label>`
  if (words.length > 0) {
    const fallback = schema.default ?? given.default
    return html`<div class="field">${label}<select id="${fieldId}" name="${name}"><option value="">${fallback ? `${fallback}, the default` : 'Not sent'}</option>${words.map((word) => html`<option>${word}</option>`)}</select></div>
`
  }
  const isJobList = schema.items && resolve<Schema>(document, schema.items).format === 'uuid'
  return html`<div class="field${isJobList ? ' wide' : ''}">${label}<input id="${fieldId}" name="${name}" data-in="${parameter.in}" placeholder="${isJobList ? 'Job IDs, separated by commas' : (exampleText(parameter) ?? '')}" autocomplete="off" autocapitalize="off" spellcheck="false"${required ? html` required` : ''}${
    schema.type === 'integer' ? html` inputmode="numeric"` : ''
  }${isJobList ? html` data-jobs aria-describedby="${fieldId}-hint"` : ''}>${
    isJobList
      ? html`<p class="hint" id="${fieldId}-hint">Enter your key, and three of your jobs are filled in.</p>`
      : ''
  }</div>
`
}

function checkboxes(name: string, words: readonly string[]): Html {
  return html`<fieldset class="field wide"><legend>${name}</legend><div class="boxes">${words.map(
    (word) => html`<label><input type="checkbox" name="${name}" value="${word}"> ${word}</label> `,
  )}</div></fieldset>
`
}
