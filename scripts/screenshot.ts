// Takes the pictures of the pages for the documentation: `npm run dev`, then `npm run screenshot -- [demo file]`.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { DemoFile } from '../local/demo-schema.ts'
import { localDemo } from './pages/local-demo.ts'
import { signInLink } from './pages/sign-in-link.ts'
import { EXAMPLE_ORIGIN } from './site/code-samples.ts'

const FOLDER = join('docs', 'images')
const MAX_KILOBYTES = 300
const PHONE = { width: 390, height: 844 }
/** Enough requests for a bar in the picture of their use. */
const SAMPLE_REQUESTS = 40

const SITE_VIEWS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: PHONE, colorScheme: 'light' },
}
const CONSOLE_VIEWS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: PHONE, colorScheme: 'light' },
}

/** Pictures of the site, by the names of their files. */
const SITE_PICTURES: Record<string, { path: string; view: string }> = {
  reference: { path: '/docs#getJobVisitors', view: 'light' },
  'reference-dark': { path: '/docs#getJobVisitors', view: 'dark' },
  'reference-phone': { path: '/docs#getJobVisitors', view: 'phone' },
  'first-page': { path: '/', view: 'light' },
  errors: { path: '/docs/errors', view: 'light' },
}

/** Run in the page: the address of this run says nothing to a reader. */
const SHOW_EXAMPLE_ADDRESS = `
  for (const code of document.querySelectorAll('.sample code')) {
    code.innerHTML = code.innerHTML.replaceAll(location.origin, '${EXAMPLE_ORIGIN}')
  }`

const { args } = new Command('npm run screenshot --')
  .description(`Take the pictures of the pages of \`npm run dev\` for the documentation, into ${FOLDER}.`)
  .argument('[demo file]', 'the demo file of the stack whose pages to take')
  .allowExcessArguments(false)
  .parse()
const { demo, executablePath } = await localDemo(args[0])
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  await takeSite(browser, demo)
  await makeRequests(demo)
  for (const view of Object.keys(CONSOLE_VIEWS)) await takeConsole(browser, demo, view)
} finally {
  await browser.close()
}

async function takeSite(browser: Browser, { url }: DemoFile): Promise<void> {
  for (const [name, { path, view }] of Object.entries(SITE_PICTURES)) {
    const page = await browser.newPage({ reducedMotion: 'reduce', ...SITE_VIEWS[view] })
    await page.goto(url + path, { waitUntil: 'networkidle' })
    await page.evaluate(SHOW_EXAMPLE_ADDRESS)
    await takePicture(page, name)
    await page.close()
  }
}

/** Requests with the demo's key, so that its use is not empty. */
async function makeRequests({ url, organizations }: DemoFile): Promise<void> {
  const headers = { 'x-api-key': organizations[0]?.apiKey ?? '' }
  for (let count = 0; count < SAMPLE_REQUESTS; count++) {
    const period = count % 3 === 0 ? 'today' : '7d'
    const response = await fetch(`${url}/analytics/site?period=${period}`, { headers })
    await response.body?.cancel()
  }
}

async function takeConsole(browser: Browser, { url, secrets, organizations }: DemoFile, view: string) {
  const [organization] = organizations
  const paths = {
    overview: '/console',
    jobs: '/console/jobs?sort=-visitors',
    job: `/console/jobs/${organization?.jobs[0]?.id}?period=6mo`,
    keys: '/console/settings/keys',
    usage: '/console/usage',
  }
  const context = await browser.newContext({ locale: 'en-US', ...CONSOLE_VIEWS[view] })
  const page = await context.newPage()
  const claims = { organizationId: organization?.id ?? '' }
  await page.goto(await signInLink({ url, consoleSecret: secrets.consoleSecret }, claims))
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(url + path, { waitUntil: 'networkidle' })
    await page.waitForTimeout(500)
    // A list is as long as it is: the picture shows its beginning.
    await takePicture(page, `console-${name}-${view}`, name !== 'jobs')
  }
  await context.close()
}

async function takePicture(page: Page, name: string, fullPage = false): Promise<void> {
  const path = join(FOLDER, `${name}.png`)
  await page.screenshot({ path, fullPage, animations: 'disabled' })
  const kilobytes = Math.ceil((await stat(path)).size / 1_000)
  console.log(`Wrote ${path}, ${kilobytes} kB`)
  if (kilobytes <= MAX_KILOBYTES) return
  console.error(`${path} is larger than ${MAX_KILOBYTES} kB. Make it smaller before you commit it.`)
  process.exitCode = 1
}
