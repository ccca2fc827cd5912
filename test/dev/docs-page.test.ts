// The site through HTTP and in a browser: what each address returns, for how long it is kept, and what may run on it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient } from '../../packages/client/src/index.ts'
import { signInLink } from '../../scripts/pages/sign-in-link.ts'
import { ERRORS } from '../../src/http/errors.ts'
import { hasBrowser, launchBrowser, openPage } from '../support/browser.ts'
import { convertToPostman } from '../support/postman.ts'

const { url, organizations, secrets, clientProject } = inject('dev')
const [, organization] = organizations
const BROWSER_ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** A token for a person of the organization, as the platform signs it. Each works once. */
async function personToken(): Promise<string> {
  const claims = { organizationId: organization?.id ?? '' }
  const link = await signInLink({ url, consoleSecret: secrets.consoleSecret }, claims)
  return new URL(link).searchParams.get('token') ?? ''
}

describe.skipIf(!hasBrowser)('pages in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it('/ leads to the reference, which shows every endpoint', async () => {
    const { page, complaints, strangers } = await openPage(browser, `${url}/`)
    expect(await page.getByRole('link', { name: 'Open the console' }).getAttribute('href')).toBe('/console')
    await page.getByRole('link', { name: 'Read the reference' }).click()
    for (const name of [
      'Visitors of job postings',
      'Figures of the whole site',
      'Your jobs',
      'Your API keys',
    ]) {
      await page.getByRole('heading', { name }).waitFor()
    }
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
    await page.context().close()
  })

  it('reference: samples have the address of this API, and one choice of language applies to all', async () => {
    const { page, complaints } = await openPage(browser, `${url}/docs`)
    const samples = page.getByText(`"${url}/analytics/jobs?`, { exact: false })
    expect(await samples.count()).toBeGreaterThan(0)
    await page
      .getByRole('region', { name: 'Your jobs' })
      .getByRole('radio', { name: 'Python' })
      .check({ force: true })
    await page.reload()
    const other = page.getByRole('region', { name: 'Visitors of job postings' })
    expect(await other.getByRole('radio', { name: 'Python' }).isChecked()).toBe(true)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('reference: Copy puts the visible sample into the clipboard', async () => {
    const { page } = await openPage(browser, `${url}/docs`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const section = page.getByRole('region', { name: 'Visitors of job postings' })
    await section.getByRole('button', { name: 'Copy' }).click()
    await section.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
      new RegExp(`^curl "${url}/analytics/jobs`),
    )
    await page.context().close()
  })

  it('packed client: returns the same visitors in a browser', async () => {
    const module = join(clientProject, 'node_modules/job-analytics-client/dist/esm/index.js')
    const source = `data:text/javascript;base64,${await readFile(module, 'base64')}`
    const { page } = await openPage(browser, `${url}/docs/errors`, { bypassCSP: true })
    const { id = '' } = organization?.jobs[0] ?? {}
    const options = { baseUrl: url, apiKey: organization?.apiKey ?? '' }
    const call = `new AnalyticsClient(${JSON.stringify(options)}).jobVisitors(${JSON.stringify([id])})`
    const visitors = await page.evaluate(
      `import('${source}').then(async ({ AnalyticsClient }) => [...await ${call}])`,
    )
    expect(visitors).toEqual([...(await new AnalyticsClient(options).jobVisitors([id]))])
    await page.context().close()
  })

  it('errors page: has a section for each error, which the `docs` link of an error opens', async () => {
    const { page, complaints, strangers } = await openPage(browser, `${url}/docs/errors`)
    for (const code of Object.keys(ERRORS)) {
      expect(await page.locator(`section#${code} h2`).textContent(), code).toContain(code)
    }
    const failed = await fetch(`${url}/analytics/jobs`)
    const { error } = (await failed.json()) as { error: { docs: string; code: string } }
    await page.goto(error.docs)
    expect(await page.locator('section:target h2').textContent()).toContain(error.code)
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
    await page.context().close()
  })

  it('an address without a page: leads to the reference', async () => {
    const { page } = await openPage(browser, `${url}/docs/nothing`)
    await page.getByRole('heading', { name: 'There is no page at this address' }).waitFor()
    await page.getByRole('link', { name: 'The reference' }).click()
    await page.getByRole('heading', { name: 'Visitors of job postings' }).waitFor()
    await page.context().close()
  })
})

describe('pages', () => {
  it.each(['/', '/docs', '/docs/errors', '/openapi.json', '/favicon.ico', '/robots.txt', '/assets/look.css'])(
    '%s: has a strict Content-Security-Policy, and is checked for a newer version each time',
    async (path) => {
      const response = await fetch(url + path, { redirect: 'manual' })
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'none';/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
    },
  )

  it('/docs: loads a style and a script that are kept for good', async () => {
    const html = await (await fetch(`${url}/docs`)).text()
    const paths = Array.from(html.matchAll(/"(\/assets\/hashed\/[^"]+)"/g), ([, path = '']) => path)
    expect(paths).toHaveLength(2)
    for (const path of paths) {
      const { status, headers } = await fetch(url + path)
      expect({ status, kept: headers.get('cache-control') }).toEqual({
        status: 200,
        kept: 'public, max-age=31536000, immutable',
      })
    }
  })

  it('/favicon.ico is an icon', async () => {
    const response = await fetch(`${url}/favicon.ico`)
    expect(response.headers.get('content-type')).toMatch(/^image\//)
    expect([...new Uint8Array(await response.arrayBuffer()).slice(0, 4)]).toEqual([0, 0, 1, 0])
  })

  it('/openapi.json is the file of the repository, and other sites may read it', async () => {
    const { default: openapi } = await import('../../openapi.json', { with: { type: 'json' } })
    const response = await fetch(`${url}/openapi.json`)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual(openapi)
  })

  it('/openapi.json: every GET request of its Postman collection succeeds, with a key or a token, and a job of their organization', async () => {
    const options = { parametersResolution: 'Example', enableOptionalParameters: false }
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as object
    const { requests } = await convertToPostman(document, options)
    const gets = requests.filter(({ method }) => method === 'GET')
    expect(gets.length).toBeGreaterThanOrEqual(5)
    for (const { path, query, auth } of gets) {
      const search = new URLSearchParams(query)
      if (search.has('jobIds')) search.set('jobIds', organization?.jobs[0]?.id ?? '')
      const headers = {
        ...(auth === 'apikey' && { 'x-api-key': organization?.apiKey ?? '' }),
        ...(auth === 'bearer' && { authorization: `Bearer ${await personToken()}` }),
      }
      const response = await fetch(`${url}${path}?${search}`, { headers })
      expect([path, response.status]).toEqual([path, 200])
    }
  })

  it.each(['/docs/nothing', '/nothing'])('%s: a page for a browser, with status 404', async (path) => {
    const response = await fetch(url + path, {
      headers: { accept: BROWSER_ACCEPT, 'sec-fetch-mode': 'navigate' },
    })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('There is no page at this address')
  })

  it.each(['/docs/nothing', '/nothing'])('%s: the 404 of the API for a program', async (path) => {
    const response = await fetch(url + path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
  })

  it('/health: the endpoint for a browser that navigates to it', async () => {
    const response = await fetch(`${url}/health`, {
      headers: { accept: BROWSER_ACCEPT, 'sec-fetch-mode': 'navigate' },
    })
    expect(await response.json()).toMatchObject({ status: 'ok' })
  })
})
