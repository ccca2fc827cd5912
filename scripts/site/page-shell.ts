// What all pages share: the head, the bar at the top, and the footer.

import { html } from 'hono/html'

/** The addresses of the files that pages load, by the name of their source in `site/`. They change with the content. */
export type Assets = Record<'pages.css' | 'reference.js', string>

/** HTML that is safe to put into a page. */
export type Html = ReturnType<typeof html>

/** One page. */
export interface Page {
  /** Without the name of the product, which is added. */
  title: string
  /** One or two sentences for search engines and link previews. */
  description: string
  /** The path of the page, for the link in the bar that is marked as the current one. */
  path: string
  /** The style of the body: its layout in `site/pages/`. */
  layout: 'reference' | 'errors' | 'landing' | 'not-found'
  content: Html
  /** What stands at the end of the bar. */
  barEnd?: Html
  script?: string
}

const PRODUCT = 'Job analytics API'
const LINKS = [
  { path: '/docs', name: 'Reference' },
  { path: '/docs/errors', name: 'Errors' },
  { path: '/console', name: 'Console' },
]

/** The HTML of the whole page. */
export async function renderPage(page: Page, assets: Assets): Promise<string> {
  const { title, description, path, layout, content, barEnd = '', script } = page
  const fullTitle = title === PRODUCT ? title : `${title} – ${PRODUCT}`
  const rendered = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${fullTitle}</title>
<meta name="description" content="${description}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#111418">
<link rel="icon" href="/favicon.ico" sizes="32x32">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets['pages.css']}">
${script ? html`<script type="module" src="${script}"></script>` : ''}
</head>
<body class="${layout}">
<a class="skip-link" href="#content">Skip to the content</a>
<header class="masthead">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="24" height="24">${PRODUCT}</a>
<nav aria-label="Pages">${LINKS.map((link) => pageLink(link, path))}</nav>
${barEnd}
</header>
${content}
</body>
</html>
`
  return String(await rendered)
}

function pageLink(link: { path: string; name: string }, path: string) {
  return link.path === path
    ? html`<a href="${link.path}" aria-current="page">${link.name}</a>`
    : html`<a href="${link.path}">${link.name}</a>`
}
