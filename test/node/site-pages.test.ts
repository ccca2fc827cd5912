// The pages as they are built: nothing of openapi.json is missing on the reference, and every link leads somewhere.

import { beforeAll, describe, expect, it } from 'vitest'
import openapi from '../../openapi.json' with { type: 'json' }
import { parameterAnchor } from '../../scripts/site/parameter-list.ts'
import { isCompanion, operationsOf, type ReferenceDocument } from '../../scripts/site/reference-document.ts'
import { headerAnchor } from '../../scripts/site/response-list.ts'
import { siteFiles } from '../../scripts/site/site-files.ts'
import { ERRORS } from '../../src/http/errors.ts'

const document = openapi as unknown as ReferenceDocument
const operations = operationsOf(document)
const shown = operations.filter((operation) => !isCompanion(operation))

/** Addresses that the Worker serves; a setting decides about the console. */
const WORKER_PATHS = ['/health', '/ready', '/console']
const PAGES: Record<string, string> = {
  '/': 'index.html',
  '/docs': 'docs.html',
  '/docs/errors': 'docs/errors.html',
  '/not-found': 'not-found.html',
}

let files: Map<string, string | Uint8Array>
beforeAll(async () => {
  files = await siteFiles()
})

function page(path: string): string {
  return String(files.get(PAGES[path] ?? ''))
}

function valuesOf(html: string, attribute: string): string[] {
  return Array.from(html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g')), ([, value = '']) => value)
}

/** A text as it is written in HTML. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;')
}

describe('reference', () => {
  it('has a section for every operation', () => {
    const ids = valuesOf(page('/docs'), 'id')
    expect(operations.length).toBeGreaterThanOrEqual(15)
    for (const { id } of operations) expect(ids, id).toContain(id)
  })

  it('has every parameter of every operation', () => {
    const ids = valuesOf(page('/docs'), 'id').map((id) => id.replaceAll('&amp;', '&'))
    const anchors = shown.flatMap((operation) =>
      operation.parameters.map((parameter) => parameterAnchor(operation, parameter)),
    )
    expect(anchors.length).toBeGreaterThanOrEqual(60)
    expect(anchors.filter((anchor) => !ids.includes(anchor))).toEqual([])
  })

  it('has HEAD and OPTIONS with no parameters but those of GET', () => {
    for (const { path, parameters } of operations.filter(isCompanion)) {
      const names = shown
        .filter((each) => each.path === path)
        .flatMap((each) => each.parameters.map(({ name }) => name))
      expect(names).toEqual(expect.arrayContaining(parameters.map(({ name }) => name)))
    }
  })

  it('has every response of every operation, with its examples', () => {
    const html = page('/docs')
    const ids = valuesOf(html, 'id')
    for (const { id, responses } of shown) {
      for (const { status, response } of responses) {
        expect(ids).toContain(`${id}.${status}`)
        const examples = Object.values(response.content['application/json']?.examples ?? {})
        for (const { summary = '' } of status < '300' ? examples : [])
          expect(html).toContain(escaped(summary))
      }
    }
  })

  it('has every response header', () => {
    const ids = valuesOf(page('/docs'), 'id')
    const headers = operations.flatMap(({ responses }) =>
      responses.flatMap(({ response }) => Object.keys(response.headers)),
    )
    expect(new Set(headers).size).toBeGreaterThanOrEqual(15)
    for (const name of headers) expect(ids).toContain(headerAnchor(name))
  })

  it('has a link to every error of every operation', () => {
    const links = valuesOf(page('/docs'), 'href')
    const codes = operations.flatMap(({ responses }) =>
      responses.flatMap(({ response }) =>
        Object.keys(response.content['application/problem+json']?.examples ?? {}),
      ),
    )
    expect(new Set(codes).size).toBeGreaterThanOrEqual(12)
    for (const code of new Set([...codes, ...Object.keys(ERRORS)])) {
      expect(links).toContain(`/docs/errors#${code}`)
    }
  })
})

describe('every page', () => {
  const paths = Object.keys(PAGES)

  it.each(paths)('%s: each link and each file leads somewhere, and each ID is there once', (path) => {
    const html = page(path)
    const ids = valuesOf(html, 'id')
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    const targets = [...valuesOf(html, 'href'), ...valuesOf(html, 'src')]
    expect(targets.length).toBeGreaterThan(5)
    for (const target of targets) {
      const { origin, pathname, hash } = new URL(target, `http://site${path}`)
      expect(origin, target).toBe('http://site')
      const isThere = WORKER_PATHS.includes(pathname) || pathname in PAGES || files.has(pathname.slice(1))
      expect(isThere, target).toBe(true)
      if (hash) expect(valuesOf(page(pathname), 'id'), target).toContain(decodeURIComponent(hash.slice(1)))
    }
  })

  it.each(paths)('%s: each reference to another element names one', (path) => {
    const html = page(path)
    const ids = valuesOf(html, 'id')
    for (const attribute of ['for', 'aria-labelledby', 'aria-describedby', 'popovertarget']) {
      for (const id of valuesOf(html, attribute)) expect(ids, `${attribute}=${id}`).toContain(id)
    }
  })

  it.each(paths)('%s: has a title, a description and a language, and no style or script in it', (path) => {
    const html = page(path)
    expect(html).toMatch(/<html lang="en">/)
    expect(html).toMatch(/<title>.{5,70}<\/title>/)
    expect(html).toMatch(/<meta name="description" content="[^"]{20,200}">/)
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/)
  })

  it.each(paths)('%s: loads files whose names hold a hash', (path) => {
    const [, sheet = ''] = /rel="stylesheet" href="([^"]+)"/.exec(page(path)) ?? []
    expect(sheet).toMatch(/^\/assets\/hashed\/pages-[A-Z0-9]{8}\.css$/)
    expect(files.has(sheet.slice(1))).toBe(true)
  })

  it('is the same when it is built again', async () => {
    expect(await siteFiles()).toEqual(files)
  })
})
