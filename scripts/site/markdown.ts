// The Markdown of the document's descriptions as HTML.

import { raw } from 'hono/html'
import { Marked } from 'marked'
import { codeBlock, isLanguage } from './highlighted-code.ts'

/** A part of a description: its heading, the anchor made of it, and the Markdown below it. */
export interface MarkdownSection {
  title: string
  anchor: string
  text: string
}

const marked = new Marked({
  renderer: {
    code({ text, lang }) {
      return String(codeBlock(text, isLanguage(lang) ? lang : 'text'))
    },
  },
})

/** Paragraphs, lists, tables and code. */
export function markdown(text: string) {
  return raw(marked.parse(text, { async: false }))
}

/** One sentence or more without a paragraph around them. */
export function inlineMarkdown(text: string) {
  return raw(marked.parseInline(text, { async: false }))
}

/** The text before the first heading of the second level, and a section for each of these headings. */
export function splitSections(text: string): { lead: string; sections: MarkdownSection[] } {
  const [lead = '', ...rest] = text.split(/^## /m)
  const sections = rest.map((part) => {
    const [title = '', ...lines] = part.split('\n')
    return { title, anchor: anchorOf(title), text: lines.join('\n') }
  })
  return { lead, sections }
}

/** "Response headers" gives response-headers. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
