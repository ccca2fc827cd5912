// Renders the reference at /docs from the OpenAPI document: a guide, a section per operation, and the response headers.

import { html } from 'hono/html'
import { anchorOf, inlineMarkdown, markdown, splitSections } from './markdown.ts'
import { operationSection } from './operation-section.ts'
import { type Assets, renderPage } from './page-shell.ts'
import {
  type Described,
  exampleOf,
  isCompanion,
  type Operation,
  operationsOf,
  type ReferenceDocument,
} from './reference-document.ts'
import { headerAnchor } from './response-list.ts'
import { canTry, tryDialog } from './try-form.ts'

/** The HTML of the whole page. */
export async function referencePage(document: ReferenceDocument, assets: Assets): Promise<string> {
  const operations = operationsOf(document)
  const { title, version, description = '' } = document.info
  const { lead, sections } = splitSections(description)
  const guide = sections.map((section) => ({ ...section, anchor: `guide-${section.anchor}` }))
  const groups = groupsOf(document, operations)
  const content = html`<div class="columns">
${contents(groups, guide)}
<main id="content" tabindex="-1">
<div class="intro"><h1>${title} <span class="tag">${version}</span></h1>
${markdown(lead)}
<p class="small"><a href="/openapi.json">openapi.json</a> describes the same for tools.</p></div>
${groups.map(
  ({
    name,
    text,
    anchor,
    shown,
  }) => html`<section class="group" aria-labelledby="${anchor}"><h2 id="${anchor}">${name}</h2>
<p class="group-text">${text}</p>
${shown.map((operation) => operationSection(document, operation, companionsOf(operation, operations, shown)))}</section>
`,
)}
<section class="guide" aria-label="Guide">
${guide.map(
  (
    section,
  ) => html`<section id="${section.anchor}" aria-labelledby="${section.anchor}.title"><h2 id="${section.anchor}.title">${section.title}</h2>${markdown(section.text)}</section>
`,
)}
${responseHeaders(operations)}</section>
</main>
</div>
${tryDialog(document, operations.filter(canTry))}`
  return renderPage(
    {
      title: 'Reference',
      description: `The reference of the ${title}: each endpoint with its parameters, responses and errors, samples in curl, TypeScript and Python, and a form to try it.`,
      path: '/docs',
      layout: 'reference',
      content,
      barEnd: html`<button type="button" class="button plain small" id="contents-button" popovertarget="contents">Contents</button>`,
      script: assets['reference.js'],
    },
    assets,
  )
}

interface Group {
  name: string
  text: string
  anchor: string
  shown: Operation[]
}

/** The tags of the document, each with its operations without HEAD and OPTIONS. */
function groupsOf({ tags = [] }: ReferenceDocument, operations: readonly Operation[]): Group[] {
  return tags.map(({ name, description = '' }) => ({
    name,
    text: description,
    anchor: anchorOf(name),
    shown: operations.filter((operation) => operation.tag === name && !isCompanion(operation)),
  }))
}

/** HEAD and OPTIONS of the path, for the first operation that has it. */
function companionsOf(operation: Operation, all: readonly Operation[], shown: readonly Operation[]) {
  const first = shown.find(({ path }) => path === operation.path)
  return first === operation ? all.filter((each) => each.path === operation.path && isCompanion(each)) : []
}

function contents(groups: readonly Group[], guide: readonly { title: string; anchor: string }[]) {
  return html`<nav id="contents" class="contents" aria-label="Contents" popover>
${groups.map(
  ({ name, shown }) =>
    html`<p>${name}</p><ul>${shown.map(
      ({ id, method, summary }) =>
        html`<li><a href="#${id}"><span class="method ${method.toLowerCase()}">${method}</span> ${summary}</a></li>`,
    )}</ul>`,
)}
<p>Guide</p><ul>${guide.map(({ title, anchor }) => html`<li><a href="#${anchor}">${title}</a></li>`)}
<li><a href="#response-headers">Response headers</a></li></ul>
</nav>`
}

function responseHeaders(operations: readonly Operation[]) {
  const responses = operations.flatMap((operation) => operation.responses.map(({ response }) => response))
  const headers = new Map<string, Described>()
  for (const [name, header] of responses.flatMap((response) => Object.entries(response.headers))) {
    if (!headers.has(name)) headers.set(name, header)
  }
  return html`<section id="response-headers" aria-labelledby="response-headers.title"><h2 id="response-headers.title">Response headers</h2>
<dl class="parameters">${[...headers].map(([name, header]) => headerEntry(name, header))}</dl></section>`
}

function headerEntry(name: string, header: Described) {
  const example = exampleOf(header)
  return html`<div id="${headerAnchor(name)}"><dt><a href="#${headerAnchor(name)}"><code>${name}</code></a></dt>
<dd><p>${inlineMarkdown(header.description ?? '')}</p>${example === undefined ? '' : html`<p class="facts">Example: <code>${String(example)}</code></p>`}</dd></div>
`
}
