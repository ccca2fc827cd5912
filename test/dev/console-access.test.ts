// The console for everyone: axe, narrow and wide screens, the keyboard, both color schemes, the states without figures, its size.

import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  axeFindings,
  hasBrowser,
  launchBrowser,
  type OpenPage,
  openPage,
  overflowOf,
} from '../support/browser.ts'
import { openConsole, realComplaints, settled, type Visitor } from '../support/console-pages.ts'

const { url, organizations, secrets } = inject('dev')
const address = { url, consoleSecret: secrets.consoleSecret }
const [site, , unverified] = organizations
const { id: organizationId = '' } = site ?? {}
const MAX_FIRST_VIEW_BYTES = 120_000

const PAGES = {
  overview: { path: '/console?period=7d&country=FR', ready: '.bars a' },
  jobs: { path: '/console/jobs', ready: 'tbody tr' },
  job: { path: `/console/jobs/${site?.jobs[0]?.id}`, ready: '.bars a' },
  keys: { path: '/console/settings/keys', ready: 'tbody tr' },
  usage: { path: '/console/usage', ready: '.list tbody tr' },
}
const SCREENS = [
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
] as const

/** Requests of 90 days, with every outcome, as the API sends them. */
const USAGE = {
  data: {
    days: Array.from({ length: 90 }, (_, day) => ({
      date: new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10),
      keys: [
        {
          key_id: '5a0d7c1e-94b2-4f36-8e17-2b6f9c3d4a58',
          served: 90 + day,
          cached: 200,
          rate_limited: 9,
          concurrency_limited: 3,
          failed: 2,
        },
        { key_id: null, served: 4, cached: 8, rate_limited: 0, concurrency_limited: 0, failed: 0 },
      ],
    })),
    today: { requests: 405 },
  },
  meta: { from: '2026-01-01', to: '2026-03-31', time_zone: 'UTC' },
}

/** The text of the element that has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.textContent.trim()')
}

describe.skipIf(!hasBrowser)('console for everyone', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  async function open(visitor: Partial<Visitor> = {}): Promise<OpenPage> {
    const watched = await openConsole(browser, address, { organizationId, ...visitor })
    await watched.page.route('**/usage?*', (route) => route.fulfill({ json: USAGE }))
    return watched
  }
  const sized = (width: number, colorScheme: 'light' | 'dark' = 'light'): BrowserContextOptions => ({
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
  })

  it.each(SCREENS)('axe: finds nothing on any page at $width px, $scheme', async ({ width, scheme }) => {
    const { page, complaints } = await open({ options: sized(width, scheme) })
    const found: Record<string, string[]> = {}
    for (const [name, { path, ready }] of Object.entries(PAGES)) {
      await page.goto(url + path)
      await page.locator(ready).first().waitFor()
      await settled(page)
      for (const table of await page.getByText('Show as a table').all()) await table.click()
      expect(await overflowOf(page), name).toBe(0)
      found[name] = await axeFindings(page)
    }
    await page.goto(`${url}/console/settings/keys`)
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByRole('dialog').waitFor()
    found['dialog'] = await axeFindings(page)
    await page.context().clearCookies()
    await page.goto(`${url}/console`)
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    found['signed out'] = await axeFindings(page)
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
    expect(realComplaints(complaints).filter((text) => !text.includes('401'))).toEqual([])
  })

  it.each([360, 3840])('pages: fit on a screen of %i px', async (width) => {
    const { page } = await open({ options: sized(width) })
    for (const [name, { path, ready }] of Object.entries(PAGES)) {
      await page.goto(url + path)
      await page.locator(ready).first().waitFor()
      expect(await overflowOf(page), name).toBe(0)
    }
  })

  it('keyboard: a link leads past the bar, and every control of the overview has the focus in turn', async () => {
    const { page } = await open()
    await page.locator('.bars a').first().waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to the content')
    const reached = new Set<string>()
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab')
      reached.add(await focused(page))
    }
    for (const name of [
      'Jobs',
      'Sign out',
      '12 months',
      'Custom range',
      'Weeks',
      'Show as a table',
      'Channel',
    ]) {
      expect([...reached], name).toContain(name)
    }
    await page.getByRole('button', { name: 'Custom range' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Custom range' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('Custom range')
  })

  /** Opens the overview while the API responds to requests of figures with this error, once or always. */
  async function openWithError(status: number, code: string, { times = 1_000, retryAfter = 1 } = {}) {
    const { page } = await open({ path: '/console/jobs' })
    const body = JSON.stringify({
      error: { code, message: 'No.', request_id: 'r-1', docs: `${url}/docs/errors` },
    })
    const headers = { 'retry-after': String(retryAfter) }
    const error = { status, contentType: 'application/json', body, headers }
    await page.route('**/analytics/site?*', (route) => route.fulfill(error), { times })
    await page.goto(`${url}/console?period=12mo`)
    return page
  }

  it('too many requests: the page says until when it waits, and then goes on by itself', async () => {
    const page = await openWithError(429, 'rate_limited', { times: 2, retryAfter: 14 })
    const notice = page.getByRole('status').filter({ hasText: 'Too many requests in a short time' }).first()
    await notice.waitFor()
    expect(await notice.locator('time').innerText()).toMatch(/\d+:\d\d:\d\d/)
    expect(await axeFindings(page)).toEqual([])
    await page.locator('.bars a').first().waitFor({ timeout: 40_000 })
    await notice.waitFor({ state: 'detached' })
  })

  it.each([
    [502, 'analytics_unavailable', 'The figures are unavailable at the moment'],
    [503, 'analytics_quota_exhausted', 'The queries of this hour are used up'],
    [504, 'analytics_timeout', 'Loading the figures took too long'],
  ])('%i %s: the page says what happened, and a button tries again', async (status, code, title) => {
    const page = await openWithError(status, code, { retryAfter: 60 })
    await page.getByRole('alert').filter({ hasText: title }).first().waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.unroute('**/analytics/site?*')
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.locator('.bars a').first().waitFor()
  })

  it('a domain that is not verified: the page says why there are no figures, and whom to ask', async () => {
    const { page } = await open({ organizationId: unverified?.id ?? '' })
    await page.getByText('Your domain is not verified yet').first().waitFor()
    expect(await page.getByRole('alert').count()).toBe(1)
    expect(await axeFindings(page)).toEqual([])
  })

  it('no visits: the page says so', async () => {
    const { page } = await open({ path: '/console?source=Nobody' })
    expect(await page.getByText('No visits in this period').first().innerText()).toContain('filters')
  })

  it('size: scripts and styles of the first view are at most 120 kB after compression', async () => {
    const { page } = await openPage(browser, url)
    const bodies: Promise<Buffer>[] = []
    page.on('response', (response) => {
      if (/\.(js|css)$/.test(new URL(response.url()).pathname)) bodies.push(response.body())
    })
    const signedIn = await open()
    await page.context().addCookies(await signedIn.page.context().cookies())
    await page.goto(`${url}/console`)
    await page.locator('.bars a').first().waitFor()
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body, { level: 9 }).length)
    expect(sizes.length).toBeGreaterThanOrEqual(2)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_FIRST_VIEW_BYTES)
  })

  it('assets: have a name that changes with their content, and are kept for good', async () => {
    const { page } = await open()
    const source = await page.locator('script[src]').first().getAttribute('src')
    const response = await fetch(new URL(source ?? '', url))
    expect(source).toMatch(/^\/console\/assets\/[\w-]+-[\w-]{8}\.js$/)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await response.text()).not.toContain('sourceMappingURL')
  })
})
