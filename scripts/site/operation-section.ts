// One operation of the reference: what it does, its parameters and responses, and samples beside them.

import { html } from 'hono/html'
import { codeSamples } from './code-samples.ts'
import { codeBlock, exampleBlock } from './highlighted-code.ts'
import { inlineMarkdown, markdown } from './markdown.ts'
import { parameterList } from './parameter-list.ts'
import { exampleOf, type Operation, type ReferenceDocument, takesKey } from './reference-document.ts'
import { examplesOf, responseList } from './response-list.ts'
import { fieldList } from './schema-text.ts'
import { canTry } from './try-form.ts'

/** The section of an operation. `companions` are HEAD and OPTIONS of its path, which it mentions. */
export function operationSection(
  document: ReferenceDocument,
  operation: Operation,
  companions: readonly Operation[],
) {
  const { id, summary, description, method, path } = operation
  return html`<section class="operation" id="${id}" aria-labelledby="${id}.title">
<div class="about">
<h3 id="${id}.title"><a href="#${id}">${summary}</a></h3>
<p class="endpoint"><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code> ${access(operation)}</p>
${markdown(description)}
<h4>Parameters</h4>
${parameterList(document, operation)}
${bodyFields(document, operation)}
<h4>Responses</h4>
${responseList(document, operation)}
${companions.map((companion) => companionEntry(companion))}
</div>
<div class="examples">
${samples(operation)}
${canTry(operation) ? html`<p class="try-row" hidden><button type="button" class="button" data-try="${id}">Try it</button></p>` : ''}
${responseExamples(operation)}
</div>
</section>
`
}

function access(operation: Operation) {
  if (operation.security.length === 0) return html`<span class="tag">no key needed</span>`
  return takesKey(operation)
    ? html`<span class="tag accent">API key</span>`
    : html`<span class="tag accent">${operation.security.join(' or ')}</span>`
}

function bodyFields(document: ReferenceDocument, { body }: Operation) {
  const list = body?.schema && fieldList(document, body.schema)
  return list ? html`<h4>Body</h4>${list}` : ''
}

/** HEAD and OPTIONS take the same parameters and say so in their description. */
function companionEntry({ id, method, path, description, parameters, responses }: Operation) {
  return html`<details class="companion" id="${id}"><summary><span class="method">${method}</span> <code>${path}</code></summary>
<p>${inlineMarkdown(description)}${parameters.length > 0 ? ' It takes the same parameters.' : ''}</p>
<p class="facts">Responses: ${responses.map(({ status }) => html`<span class="tag">${status}</span> `)}</p></details>
`
}

/** One sample is visible at a time. The choice works without a script. */
function samples(operation: Operation) {
  const all = codeSamples(operation)
  return html`<fieldset class="samples"><legend class="visually-hidden">Language of the sample: ${operation.summary}</legend>
<div class="tabs">${all.map(
    ({ name }, index) =>
      html`<label><input type="radio" name="sample-${operation.id}" value="${name.toLowerCase()}"${index === 0 ? html` checked` : ''}> ${name}</label>`,
  )}</div>
${all.map(({ name, language, code }) => html`<div class="sample ${name.toLowerCase()}">${codeBlock(code, language)}</div>`)}
</fieldset>`
}

/** The examples of what a successful request returns: the first one open, the others folded. */
function responseExamples({ responses, body }: Operation) {
  const [success] = responses.filter(({ status }) => status.startsWith('2'))
  if (success === undefined) return ''
  const examples = Object.values(success.response.content).flatMap(examplesOf)
  const [first, ...others] = examples
  return html`${body && exampleOf(body) !== undefined ? html`<h4>Body</h4>${exampleBlock(exampleOf(body))}` : ''}${
    first
      ? html`<h4>Response <span class="tag good">${success.status}</span> <span class="quiet">${first.summary}</span></h4>${exampleBlock(first.value)}`
      : ''
  }${others.map(
    ({
      summary,
      value,
    }) => html`<details class="example"><summary>${summary}</summary>${exampleBlock(value)}</details>
`,
  )}`
}
