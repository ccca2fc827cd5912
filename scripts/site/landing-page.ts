// Renders the page at /, which leads people to the reference and to the console.

import { html } from 'hono/html'
import { EXAMPLE_ORIGIN } from './code-samples.ts'
import { codeBlock, exampleBlock } from './highlighted-code.ts'
import { type Assets, renderPage } from './page-shell.ts'

const REQUEST = `curl "${EXAMPLE_ORIGIN}/analytics/jobs?jobIds=0d6f…,7c21…&period=30d" \\
  -H "x-api-key: $ANALYTICS_API_KEY"`
const RESPONSE = {
  data: { visitors: { '0d6f…': 150, '7c21…': 320 } },
  meta: { period: '30d', total_jobs: 2 },
}

/** The HTML of the whole page. */
export function landingPage(assets: Assets): Promise<string> {
  const content = html`<main id="content" tabindex="-1">
<div class="hero">
<div>
<h1>How many people visited your job postings</h1>
<p class="lead">Visitors, page views and applications: of each job, or of your whole site, over any days. As numbers for your programs, and as charts for your team.</p>
<p class="actions"><a class="button" href="/docs">Read the reference</a> <a class="button plain" href="/console">Open the console</a></p>
</div>
<div class="terminal">${codeBlock(REQUEST, 'sh')}${exampleBlock(RESPONSE)}</div>
</div>
<ul class="cards">
<li class="card"><h2><a href="/docs">Reference</a></h2><p>Each endpoint with its parameters, responses and errors, samples in curl, TypeScript and Python, and a form that sends a request with your key.</p></li>
<li class="card"><h2><a href="/console">Console</a></h2><p>Charts of your jobs and your site, your API keys, and how much of your limits you use. Your job board signs you in.</p></li>
<li class="card"><h2><a href="/docs/errors">Errors</a></h2><p>What each error means and what to do about it. Every error that the API sends has a link to its section.</p></li>
<li class="card"><h2><a href="/openapi.json">openapi.json</a></h2><p>The API for tools: generate a client from it, or import it into an API tool. A typed client for TypeScript exists already.</p></li>
</ul>
<p class="small quiet">Is it running? <a href="/health">/health</a> says which release it is, <a href="/ready">/ready</a> whether it reaches its stores.</p>
</main>`
  return renderPage(
    {
      title: 'Job analytics API',
      description:
        'How many people visited your job postings: an API for the customers of a job board, with its reference, a list of errors and a console.',
      path: '/',
      layout: 'landing',
      content,
    },
    assets,
  )
}
