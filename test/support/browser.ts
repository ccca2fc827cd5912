// A browser for the tests of pages, and what a page must never do in it.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { browserPath, NO_BROWSER } from '../../scripts/pages/browser-path.ts'

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** True if there is a browser. Says once per file that its tests are skipped if there is none. */
export const hasBrowser = browserPath() !== undefined
if (!hasBrowser) console.warn(`The tests of pages are skipped. ${NO_BROWSER}`)

/** A page, and what went wrong on it so far. */
export interface OpenPage {
  page: Page
  /** Errors and warnings of its console and its scripts, violations of its policy included. */
  complaints: string[]
  /** Requests to other origins. */
  strangers: string[]
}

/** Starts the browser. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath() ?? '', args: QUIET })
}

/** Opens an address in a context of its own, which `page.context().close()` ends. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 1000 },
    locale: 'en-US',
    timezoneId: 'UTC',
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const strangers: string[] = []
  const { origin } = new URL(address)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) strangers.push(request.url())
  })
  await page.goto(address, { waitUntil: 'load' })
  return { page, complaints, strangers }
}

/** What axe finds on the page as it is now: one line for each rule, with the elements at fault. */
export async function axeFindings(page: Page): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** How many pixels the page can be scrolled sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(
    'scrollTo(10_000, scrollY), Math.max(scrollX, document.documentElement.scrollWidth - innerWidth)',
  )
}
