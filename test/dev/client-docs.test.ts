// Runs and type-checks every snippet of the client's README, with the packed client against the running product.

import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
const { url, organizations, clientProject } = inject('dev')
const organization = organizations[1]
const folder = join(clientProject, 'docs')

const text = await readFile(join(ROOT, 'packages', 'client', 'README.md'), 'utf8')
/** The first snippet makes the client. Each of the others is run after it, as the README says. */
const [start = '', ...others] = Array.from(
  text.matchAll(/^```ts\n([\s\S]*?)^```$/gm),
  ([, code = '']) => code,
)
const programs = [start, ...others.map((snippet) => `${start}${snippet}`)]

/** The program with the address and the jobs of the demo in place of the README's. */
function forDemo(program: string): string {
  const [first, second] = organization?.jobs ?? []
  return program
    .replaceAll('https://analytics.example.com', url)
    .replaceAll('8d3f1c52-6d0e-4a53-9f0b-0c5a4d1e7b21', first?.id ?? '')
    .replaceAll('f2b7a9c4-1e35-4c8d-8a6f-5b9e3d7c0a14', second?.id ?? '')
}

/** What the program prints. */
async function output(name: string): Promise<string> {
  const env = { ...process.env, ANALYTICS_API_KEY: organization?.apiKey }
  const { stdout } = await run(process.execPath, [join(folder, name)], { cwd: clientProject, env })
  return stdout
}

beforeAll(async () => {
  await mkdir(folder)
  for (const [index, program] of programs.entries()) {
    await writeFile(join(folder, `snippet-${index}.ts`), `${forDemo(program)}\nexport {}\n`)
  }
})

describe('client README', () => {
  it('has a snippet for each call and for errors', () => {
    for (const call of ['jobVisitors', 'jobAnalytics', 'jobs', 'siteAnalytics', 'usage']) {
      expect(
        others.some((snippet) => snippet.includes(`client.${call}(`)),
        call,
      ).toBe(true)
    }
    expect(others.some((snippet) => snippet.includes('instanceof AnalyticsError'))).toBe(true)
  })

  it('its snippets: type-check strictly', async () => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
    }
    await writeFile(
      join(folder, 'process.d.ts'),
      'declare const process: { env: Record<string, string | undefined> }\n',
    )
    const config = join(folder, 'tsconfig.json')
    await writeFile(config, JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
    const result = await run(tsc, ['-p', config]).catch((error: unknown) => error)
    expect(result).toMatchObject({ stdout: '' })
  })

  for (const [index, snippet] of [start, ...others].entries()) {
    it(`snippet ${index + 1} (${snippet.trim().split('\n')[0]}): runs and prints`, async () => {
      const printed = await output(`snippet-${index}.ts`)
      expect(printed).not.toBe('')
      expect(printed).not.toContain('undefined')
    })
  }

  it('the snippet of errors: prints the job that may not be read', async () => {
    const index = programs.findIndex((program) => program.includes('job_access_denied'))
    expect(await output(`snippet-${index}.ts`)).toContain(
      "Not your jobs: [ '00000000-0000-4000-8000-000000000000' ]",
    )
  })
})
