// Renders the page with a section for each error. The `docs` link of an error opens it: /docs/errors#<code>.

import { html } from 'hono/html'
import type { ErrorCode } from '../../src/http/errors.ts'
import { ERRORS } from '../../src/http/errors.ts'
import { errorExample, problemExample } from '../openapi/error-responses.ts'
import { ERROR_ADVICE } from './error-advice.ts'
import { exampleBlock } from './highlighted-code.ts'
import { inlineMarkdown } from './markdown.ts'
import { type Assets, renderPage } from './page-shell.ts'
import { isCompanion, type Operation, operationsOf, type ReferenceDocument } from './reference-document.ts'

/** The HTML of the whole page. */
export async function errorPage(document: ReferenceDocument, assets: Assets): Promise<string> {
  const codes = Object.keys(ERROR_ADVICE).filter(isErrorCode)
  const operations = operationsOf(document).filter((operation) => !isCompanion(operation))
  const content = html`<main id="content" tabindex="-1">
<h1>Errors</h1>
<p>Every error has a <code>code</code> for your program, a <code>message</code> for you, a <code>request_id</code> for reports, and a link to its section of this page.</p>
<nav aria-label="Errors"><ul class="error-index">${codes.map(
    (code) =>
      html`<li><span class="${tagOf(ERRORS[code].status)}">${ERRORS[code].status}</span> <a href="#${code}"><code>${code}</code></a></li>`,
  )}</ul></nav>
${codes.map((code) => errorSection(code, senders(operations, code)))}
</main>`
  return renderPage(
    {
      title: 'Errors',
      description:
        'Every error of the Job analytics API: its status, why it happens, what to do about it, and an example.',
      path: '/docs/errors',
      layout: 'errors',
      content,
    },
    assets,
  )
}

function errorSection(code: ErrorCode, operations: readonly Operation[]) {
  const { cause, remedy } = ERROR_ADVICE[code]
  const { status, message } = ERRORS[code]
  return html`<section id="${code}" aria-labelledby="${code}.title">
<h2 id="${code}.title"><a href="#${code}"><code>${code}</code></a> <span class="${tagOf(status)}">${status}</span></h2>
<p class="message">${inlineMarkdown(message)}</p>
<p><strong>Cause.</strong> ${cause}</p>
<p><strong>What to do.</strong> ${remedy}</p>
${operations.length > 0 ? html`<p class="small quiet">Sent by ${operations.map(({ id, method, path }) => html`<a href="/docs#${id}"><code>${method} ${path}</code></a> `)}</p>` : ''}
${exampleBlock(errorExample(code))}
<details><summary>As problem details (RFC 9457)</summary>${exampleBlock(problemExample(code))}</details>
</section>
`
}

/** The operations whose responses name the code. */
function senders(operations: readonly Operation[], code: ErrorCode): Operation[] {
  return operations.filter(({ responses }) =>
    responses.some(({ response }) => response.content['application/json']?.examples?.[code] !== undefined),
  )
}

function tagOf(status: number): string {
  return status < 500 ? 'tag warn' : 'tag bad'
}

function isErrorCode(code: string): code is ErrorCode {
  return code in ERRORS
}
