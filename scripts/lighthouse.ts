// Measures pages as Lighthouse does for a phone: `npm run dev`, then `npm run lighthouse -- [path]…`. Fails below 95.

import { launch } from 'chrome-launcher'
import { Command } from 'commander'
import lighthouse, { desktopConfig, type Flags, type Result } from 'lighthouse'
import type { DemoFile } from '../local/demo-schema.ts'
import { localDemo } from './pages/local-demo.ts'
import { signInLink } from './pages/sign-in-link.ts'

const PATHS = [
  ...['/', '/docs', '/docs/errors'],
  ...['/console', '/console/jobs', '/console/settings/keys', '/console/usage'],
]
const CATEGORIES = ['performance', 'accessibility', 'best-practices']
const LEAST_SCORE = 95
const FIGURES = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
]
/** The figures of one run differ from those of the next. The run in the middle counts. */
const RUNS = 3

interface Options {
  desktop?: true
  demo?: string
}

await new Command('npm run lighthouse --')
  .description('Measure pages of `npm run dev` with Lighthouse, as on a phone with a slow connection.')
  .argument('[path...]', 'paths of pages; those of the console are measured signed in', PATHS)
  .option('--desktop', 'measure as on a desktop computer')
  .option('--demo <file>', 'the demo file of the stack to measure')
  .allowExcessArguments(false)
  .action(measureAll)
  .parseAsync()

async function measureAll(paths: string[], { desktop, demo: file }: Options): Promise<void> {
  const { demo, executablePath } = await localDemo(file)
  const cookie = await signIn(demo)
  for (const path of paths) {
    const url = new URL(path, demo.url)
    const options = {
      onlyCategories: CATEGORIES,
      ...(url.pathname.startsWith('/console') && { extraHeaders: { Cookie: cookie } }),
    }
    const runs: Result[] = []
    while (runs.length < RUNS) runs.push(await measure(url.href, executablePath, options, desktop))
    const sorted = runs.toSorted((a, b) => scoreOf(a, 'performance') - scoreOf(b, 'performance'))
    report(url.href, sorted)
  }
}

/** The cookie of a session of the console. */
async function signIn({ url, secrets, organizations }: DemoFile): Promise<string> {
  const claims = { organizationId: organizations[0]?.id ?? '' }
  const link = await signInLink({ url, consoleSecret: secrets.consoleSecret }, claims)
  const response = await fetch(link, { redirect: 'manual' })
  const [cookie] = response.headers.get('set-cookie')?.split(';') ?? []
  if (cookie === undefined) throw new Error(`The link did not sign in: status ${response.status}.`)
  return cookie
}

/** One run, in a browser of its own, so that nothing is cached. */
async function measure(url: string, chromePath: string, options: Flags, desktop?: true): Promise<Result> {
  const chrome = await launch({
    chromePath,
    chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'],
  })
  try {
    const flags: Flags = { ...options, port: chrome.port, logLevel: 'error' }
    const result = await lighthouse(url, flags, desktop && desktopConfig)
    if (result === undefined) throw new Error(`Lighthouse returned nothing for ${url}`)
    return result.lhr
  } finally {
    chrome.kill()
  }
}

/** Prints the run in the middle, and what it found. `sorted` are all runs by performance. */
function report(url: string, sorted: readonly Result[]): void {
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) return
  const scores = CATEGORIES.map((name) => scoreOf(middle, name))
  const figures = FIGURES.map((name) => middle.audits[name]?.displayValue ?? '?')
  const all = sorted.map((run) => scoreOf(run, 'performance')).join(', ')
  console.log(`${url}: ${CATEGORIES.map((name, index) => `${name} ${scores[index]}`).join(', ')}`)
  console.log(`  FCP, LCP, TBT, CLS: ${figures.join(', ')}. Performance of each run: ${all}`)
  for (const { id, title, score } of Object.values(middle.audits)) {
    if (score !== null && score < 0.9) console.log(`  ${id}: ${title}`)
  }
  if (scores.some((score) => score < LEAST_SCORE)) process.exitCode = 1
}

function scoreOf({ categories }: Result, category: string): number {
  return Math.round((categories[category]?.score ?? 0) * 100)
}
