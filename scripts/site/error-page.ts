// The page with a section for each error, which `docs` in an error leads to: /docs/errors#<code>.

import { html } from 'hono/html'
import type { ErrorCode } from '../../src/errors.ts'
import { ERRORS } from '../../src/errors.ts'
import { errorExample } from '../openapi/error-answers.ts'
import { ERROR_ADVICE } from './error-advice.ts'

/** The whole page. */
export async function errorPage(): Promise<string> {
  const codes = Object.keys(ERROR_ADVICE).filter(isErrorCode)
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Errors – Job analytics API</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/errors.css">
  </head>
  <body>
    <nav><a href="/docs">Reference</a></nav>
    <main>
      <h1>Errors</h1>
      <p>Every error has a <code>code</code> for your program, a <code>message</code> for you and a <code>request_id</code> to tell us.</p>
      <table>
        <thead><tr><th>Status</th><th>Code</th><th>Message</th></tr></thead>
        <tbody>${codes.map(row)}</tbody>
      </table>
      ${codes.map(section)}
    </main>
  </body>
</html>
`
  return String(await page)
}

function row(code: ErrorCode) {
  const { status, message } = ERRORS[code]
  return html`
          <tr><td>${status}</td><td><a href="#${code}">${code}</a></td><td>${message}</td></tr>`
}

function section(code: ErrorCode) {
  const { cause, remedy } = ERROR_ADVICE[code]
  return html`
      <section id="${code}">
        <h2><code>${code}</code> <small>${ERRORS[code].status}</small></h2>
        <p><strong>Why.</strong> ${cause}</p>
        <p><strong>What to do.</strong> ${remedy}</p>
        <pre>${JSON.stringify(errorExample(code), null, 2)}</pre>
      </section>`
}

function isErrorCode(code: string): code is ErrorCode {
  return code in ERRORS
}
