// Renders the page that people see at an address without a page. Programs get the API's own 404.

import { html } from 'hono/html'
import { type Assets, renderPage } from './page-shell.ts'

/** The HTML of the whole page. */
export function notFoundPage(assets: Assets): Promise<string> {
  const content = html`<main id="content" tabindex="-1">
<p class="status" aria-hidden="true">404</p>
<h1>There is no page at this address</h1>
<p>Check the address for typos: a slash at its end makes it another address.</p>
<ul>
<li><a href="/docs">The reference</a> lists every endpoint of the API.</li>
<li><a href="/docs/errors">The list of errors</a> says what each of them means.</li>
<li><a href="/">The first page</a> leads to everything else.</li>
</ul>
<p class="small quiet">The console only exists where the platform has turned it on. Your job board has the link that signs you in.</p>
</main>`
  return renderPage(
    {
      title: 'Not found',
      description: 'There is no page at this address.',
      path: '/not-found',
      layout: 'not-found',
      content,
    },
    assets,
  )
}
