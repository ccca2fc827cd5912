import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient } from '../../src/client.ts'
import { ERRORS } from '../../src/errors.ts'

const { url, organizations, clientProject } = inject('dev')
const [, organization] = organizations
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (CHROMIUM === undefined) {
  console.warn('No browser is installed, so the pages are not looked at: apt-get install chromium')
}

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe.skipIf(CHROMIUM === undefined)('the pages in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: QUIET })
  })
  afterAll(() => browser.close())

  /** Opens a page; `complaints` are errors of its console and its code, `strangers` its requests to other origins. */
  async function open(path: string): Promise<{ page: Page; complaints: string[]; strangers: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
    const complaints: string[] = []
    const strangers: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (origin !== url && protocol !== 'data:') strangers.push(request.url())
    })
    await page.goto(url + path)
    return { page, complaints, strangers }
  }

  it('/ leads to the reference, which shows every endpoint', async () => {
    const { page, complaints, strangers } = await open('/')
    await page.getByRole('heading', { name: 'Job analytics API' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/docs')
    for (const name of ['Visitors of job postings', 'Figures of the whole board']) {
      expect(await page.getByRole('link', { name }).count(), name).toBeGreaterThan(0)
    }
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
  })

  it('a call made in the reference with a key shows the counts', async () => {
    const jobId = organization?.jobs[0]?.id ?? ''
    const { page, complaints, strangers } = await open('/docs')
    await page.getByRole('link', { name: 'Visitors of job postings' }).click()
    await page.getByRole('button', { name: /Test Request.*\/analytics\/jobs/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog
      .getByLabel('Value')
      .first()
      .fill(organization?.apiKey ?? '')
    const parameter = dialog.getByRole('row', { name: 'jobIds' }).getByRole('combobox', { name: 'Value' })
    await parameter.fill(jobId)
    const answered = page.waitForResponse((response) => response.url().includes('/analytics/jobs?'))
    await dialog
      .getByRole('button', { name: /^Send get request/ })
      .first()
      .click()
    const answer = await answered
    expect(answer.status()).toBe(200)
    const visitors = (await answer.json()).data.visitors[jobId]
    await dialog.getByText(String(visitors), { exact: true }).first().waitFor()
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
  })

  it('the packed client works there as well', async () => {
    const module = join(clientProject, 'node_modules/job-analytics-api/dist/client/client.js')
    const source = `data:text/javascript;base64,${await readFile(module, 'base64')}`
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${url}/docs/errors`)
    const { id = '' } = organization?.jobs[0] ?? {}
    const options = { baseUrl: url, apiKey: organization?.apiKey ?? '' }
    const call = `new AnalyticsClient(${JSON.stringify(options)}).jobVisitors(${JSON.stringify([id])})`
    const visitors = await page.evaluate(
      `import('${source}').then(async ({ AnalyticsClient }) => [...await ${call}])`,
    )
    expect(visitors).toEqual([...(await new AnalyticsClient(options).jobVisitors([id]))])
  })

  it('the page of errors has a section for each, which docs in an error leads to', async () => {
    const { page, complaints, strangers } = await open('/docs/errors')
    for (const code of Object.keys(ERRORS)) {
      expect(await page.locator(`section#${code} h2`).textContent(), code).toContain(code)
    }
    const failed = await fetch(`${url}/analytics/jobs`)
    const { error } = (await failed.json()) as { error: { docs: string; code: string } }
    await page.goto(error.docs)
    expect(await page.locator('section:target h2').textContent()).toContain(error.code)
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
  })
})

describe('the pages', () => {
  it.each(['/docs', '/docs/errors', '/openapi.json', '/assets/docs.js'])(
    '%s comes with a strict policy',
    async (path) => {
      const response = await fetch(url + path, { redirect: 'manual' })
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'none';/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  it.each(['GET', 'HEAD'])('%s of / leads to the reference', async (method) => {
    const response = await fetch(url, { method, redirect: 'manual' })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/docs')
  })

  it('openapi.json is the one of the repository', async () => {
    const { default: openapi } = await import('../../openapi.json', { with: { type: 'json' } })
    expect(await (await fetch(`${url}/openapi.json`)).json()).toEqual(openapi)
  })

  it('an address below /docs that is no page is the API’s own 404', async () => {
    const response = await fetch(`${url}/docs/nothing`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
  })
})
