// Runs every sample of the reference as the page shows it, against the running product.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { EXAMPLE_ORIGIN } from '../../scripts/site/code-samples.ts'

const run = promisify(execFile)
const { url, organizations, clientProject } = inject('dev')
const [, organization] = organizations
const folder = join(clientProject, 'samples')
const html = await (await fetch(`${url}/docs`)).text()
const env = { ...process.env, ANALYTICS_API_KEY: organization?.apiKey }
const hasPython = await run('python3', ['--version']).then(
  () => true,
  () => false,
)
if (!hasPython)
  console.warn('The samples in Python are not run because there is no python3: apt-get install python3')

/** The operations that the page has a form for: they read, and need no more than a key. */
const operations = Array.from(html.matchAll(/data-try="(\w+)"/g), ([, id = '']) => id)

/** The text of a sample, with the address and the jobs of the demo. */
function sampleOf(operation: string, language: string): string {
  const section = html.slice(html.indexOf(`<section class="operation" id="${operation}"`))
  const [, code = ''] =
    new RegExp(`class="sample ${language}"><pre><code>(.*?)</code>`, 's').exec(section) ?? []
  const [first, second] = organization?.jobs ?? []
  return code
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(EXAMPLE_ORIGIN, url)
    .replaceAll('3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42', first?.id ?? '')
    .replaceAll('8d5e2b14-77aa-4a0f-8f4c-5c1e6f0a2b93', second?.id ?? '')
}

beforeAll(() => mkdir(folder))

describe('reference samples', () => {
  it('are there for every operation that reads', () => {
    expect(operations).toEqual(
      expect.arrayContaining(['getJobVisitors', 'getSiteAnalytics', 'listJobs', 'getHealth', 'getReadiness']),
    )
  })

  it.each(operations)('%s: the curl command returns what the API promises', async (operation) => {
    const { stdout } = await run('bash', ['-c', `${sampleOf(operation, 'curl')} --silent --fail`], { env })
    expect(Object.keys(JSON.parse(stdout))[0]).toMatch(/^(data|status)$/)
  })

  it.each(operations)('%s: the TypeScript program runs and prints', async (operation) => {
    const file = join(folder, `${operation}.ts`)
    await writeFile(file, `${sampleOf(operation, 'typescript')}\nexport {}\n`)
    const { stdout } = await run(process.execPath, [file], { cwd: clientProject, env })
    expect(stdout).not.toBe('')
    expect(stdout).not.toContain('undefined')
  })

  it.skipIf(!hasPython).each(operations)('%s: the Python program runs and prints', async (operation) => {
    const { stdout } = await run('python3', ['-c', sampleOf(operation, 'python')], { env })
    expect(stdout).toMatch(/^\{'(data|status)':/)
  })
})
