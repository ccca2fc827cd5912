// Code with its words in colors: highlight.js at build time, classes in place of styles.

import { createRequire } from 'node:module'
import { raw } from 'hono/html'

/** What is used of highlight.js. Its own types bring those of a browser into every script. */
interface Highlighter {
  registerLanguage(name: string, grammar: unknown): void
  getLanguage(name: string): object | undefined
  highlight(code: string, options: { language: string }): { value: string }
}

const require = createRequire(import.meta.url)
const hljs = require('highlight.js/lib/core') as Highlighter
hljs.registerLanguage('sh', require('highlight.js/lib/languages/bash'))
hljs.registerLanguage('json', require('highlight.js/lib/languages/json'))
hljs.registerLanguage('python', require('highlight.js/lib/languages/python'))
hljs.registerLanguage('ts', require('highlight.js/lib/languages/typescript'))

/** A language that can be highlighted, or `text`. */
export type Language = 'sh' | 'json' | 'python' | 'ts' | 'text'

/** The HTML of a block of code. Its colors are in `site/pages/code.css`. */
export function codeBlock(code: string, language: Language) {
  const text = code.trimEnd()
  const inner = language === 'text' ? escapeText(text) : hljs.highlight(text, { language }).value
  return raw(`<pre><code>${inner}</code></pre>`)
}

/** A value as indented JSON, and a text, such as a CSV file, as it is. */
export function exampleBlock(value: unknown) {
  return typeof value === 'string'
    ? codeBlock(value.replaceAll('\r\n', '\n'), 'text')
    : codeBlock(JSON.stringify(value, null, 2), 'json')
}

/** True for a language that `codeBlock` takes. */
export function isLanguage(name: string | undefined): name is Language {
  return name === 'text' || (name !== undefined && hljs.getLanguage(name) !== undefined)
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
