// The client's package as its users get it: packed, installed in an empty project, type-checked, bundled and run.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPackedClient } from '../setup/packed-client.ts'
import { jobId, startScriptedApi } from './client/scripted-api.ts'

const run = promisify(execFile)
const BIN = join(import.meta.dirname, '..', '..', 'node_modules', '.bin')
const TSC = join(BIN, 'tsc')
/** The last compilers that still have `moduleResolution: node10`. are-the-types-wrong needs one and brings it along. */
const OLDER_TSC = createRequire(createRequire(import.meta.url).resolve('@arethetypeswrong/core')).resolve(
  'typescript/lib/tsc.js',
)
const folder = await mkdtemp(join(tmpdir(), 'job-analytics-client-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules', 'job-analytics-client')
let tarball: string

beforeAll(async () => {
  tarball = await installPackedClient(project)
})
afterAll(() => rm(folder, { recursive: true }))

const PROGRAM = `import { AnalyticsClient, AnalyticsError, type Period } from 'job-analytics-client'

const period: Period = '7d'
const unset: string | undefined = undefined
async function main() {
  const client = new AnalyticsClient({ baseUrl: process.argv[2], apiKey: 'jak_key', cache: true, fetch: undefined })
  const visitors: Map<string, number> = await client.jobVisitors(['${jobId(7)}', '${jobId(8)}'], {
    period,
    signal: AbortSignal.timeout(5000),
    deadlineMs: undefined,
    onProgress: ({ done, total }) => console.log(\`\${done} of \${total}\`),
  })
  console.log(JSON.stringify(Array.from(visitors.values())))
  const { jobs } = await client.jobAnalytics(['${jobId(7)}'], { metrics: ['pageviews'], interval: 'day', signal: undefined })
  const views: number | undefined = jobs.get('${jobId(7)}')?.pageviews
  console.log(views, jobs.get('${jobId(7)}')?.series?.length)
  try {
    await new AnalyticsClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'jak_key', deadlineMs: 200 }).siteAnalytics()
  } catch (error) {
    if (error instanceof AnalyticsError) console.log(error.code, error.retryAfterSeconds)
  }
  try {
    new AnalyticsClient({ baseUrl: 'http://127.0.0.1:1', apiKey: unset })
  } catch (error) {
    if (error instanceof AnalyticsError) console.log(error.code, error.argument)
  }
}
main()
`
const OUTPUT = '2 of 2\n[7,8]\n14 1\nnetwork_error undefined\ninvalid_argument options.apiKey\n'

/** An executable of this version of Node: this one, the system's, or one from the registry in the temporary folder. */
async function nodeOf(major: number): Promise<string | undefined> {
  const cache = join(tmpdir(), `job-analytics-node-${major}`)
  const package_ = `node-${process.platform}-${process.arch}`
  const cached = join(cache, 'node_modules', package_, 'bin', 'node')
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'node'))
  for (const candidate of [process.execPath, ...onPath, cached]) {
    if (existsSync(candidate) && (await versionOf(candidate)) === major) return candidate
  }
  const install = [
    'install',
    '--prefix',
    cache,
    '--no-save',
    '--no-audit',
    '--no-fund',
    `${package_}@${major}`,
  ]
  await run('npm', install).catch(() => undefined)
  return existsSync(cached) ? cached : undefined
}

async function versionOf(node: string): Promise<number> {
  const { stdout } = await run(node, ['--version'])
  return Number(/^v(\d+)/.exec(stdout)?.[1])
}

const NODES = await Promise.all([20, 22, 24].map(async (major) => ({ major, node: await nodeOf(major) })))
for (const { major, node } of NODES) {
  if (node === undefined) {
    console.warn(`Node ${major} is not installed and cannot be downloaded: the client is not run on it.`)
  }
}

/** Writes a file of its own folder in the project, for programs of one kind of module. Returns its path. */
async function writeProgram(kind: 'esm' | 'cjs', name: string, text: string): Promise<string> {
  const directory = join(project, kind)
  await mkdir(directory, { recursive: true })
  const type = kind === 'esm' ? 'module' : 'commonjs'
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type }))
  await writeFile(join(directory, name), text)
  return join(directory, name)
}

describe('client package', () => {
  it('packed: has the modules, types, README and licenses, and no dependencies', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(manifest)).not.toContain('dependencies')
    expect(Object.keys(manifest.exports)).toContain('.')
    expect(await readdir(join(project, 'node_modules'))).toEqual(
      expect.arrayContaining(['job-analytics-client']),
    )
    expect(
      (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.')),
    ).toHaveLength(1)
    expect((await readdir(installed)).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json'])
    expect(await readFile(join(installed, 'README.md'), 'utf8')).toMatch(/^# job-analytics-client\n/)
    const licenses = await readFile(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of ['p-limit', 'structured-headers']) expect(licenses).toContain(`${name}\n`)
  })

  it('publint and are-the-types-wrong: find nothing', async () => {
    // Both exit with 1 if they find something.
    await run(join(BIN, 'publint'), [tarball, '--strict'])
    const { stdout } = await run(join(BIN, 'attw'), [tarball, '--format', 'json'])
    expect(JSON.parse(stdout).problems ?? {}).toEqual({})
    expect(JSON.parse(stdout).analysis.problems).toEqual([])
  })

  it('bundled for a browser: is less than 10 KB after compression, and as large as the README says', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "export * from 'job-analytics-client'", resolveDir: project },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    })
    const { byteLength } = gzipSync(outputFiles[0]?.contents ?? '')
    expect(byteLength).toBeLessThan(10_000)
    const readme = await readFile(join(installed, 'README.md'), 'utf8')
    expect(readme.replaceAll('\n', ' ')).toContain(`adds ${Math.round(byteLength / 1_000)} KB to a page`)
  })

  it('imported but not used: a bundler leaves it out', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "import { AnalyticsClient } from 'job-analytics-client'", resolveDir: project },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    })
    expect(outputFiles[0]?.text.trim()).toBe('')
  })

  it.each(['esm', 'cjs'])('%s: is readable, and its source map has the sources', async (kind) => {
    const code = await readFile(join(installed, 'dist', kind, 'index.js'), 'utf8')
    expect(/\bAnalyticsError = class extends Error/.test(code)).toBe(true)
    expect(Math.max(...code.split('\n').map((line) => line.length))).toBeLessThan(400)
    expect(code.trimEnd().endsWith('//# sourceMappingURL=index.js.map')).toBe(true)
    const map = JSON.parse(await readFile(join(installed, 'dist', kind, 'index.js.map'), 'utf8'))
    const index = map.sources.findIndex((source: string) => source.endsWith('/src/index.ts'))
    expect(map.sourcesContent[index]).toBe(
      await readFile(join(import.meta.dirname, '..', '..', 'packages/client/src/index.ts'), 'utf8'),
    )
  })

  const resolutions = [
    { kind: 'esm', module: 'nodenext', moduleResolution: 'nodenext', tsc: TSC },
    { kind: 'esm', module: 'node16', moduleResolution: 'node16', tsc: TSC },
    { kind: 'cjs', module: 'node16', moduleResolution: 'node16', tsc: TSC },
    { kind: 'esm', module: 'esnext', moduleResolution: 'bundler', tsc: TSC },
    { kind: 'cjs', module: 'commonjs', moduleResolution: 'node10', tsc: OLDER_TSC },
  ] as const
  it.each(resolutions)(
    'imported from $kind with `moduleResolution: $moduleResolution`: type-checks strictly, without other packages',
    async ({ kind, module, moduleResolution, tsc }) => {
      await writeProgram(
        kind,
        'program.ts',
        PROGRAM.replace(/^/, 'declare const process: { argv: string[] }\n'),
      )
      const options = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        module,
        moduleResolution,
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
      }
      const config = await writeProgram(
        kind,
        'tsconfig.json',
        JSON.stringify({ compilerOptions: options, files: ['program.ts'] }),
      )
      const result = await run(process.execPath, [tsc, '-p', config]).catch((error: unknown) => error)
      expect(result).toMatchObject({ stdout: '' })
    },
  )

  it('its types: import nothing but each other', async () => {
    const files = await readdir(join(installed, 'dist'), { recursive: true })
    const types = files.filter((name) => name.endsWith('.d.ts'))
    expect(types.length).toBeGreaterThan(0)
    for (const name of types) {
      const text = await readFile(join(installed, 'dist', name), 'utf8')
      const imported = [...text.matchAll(/from ['"]([^'"]+)['"]/g)].map(([, from]) => from)
      expect(
        imported.filter((from) => !from?.startsWith('./')),
        name,
      ).toEqual([])
    }
  })

  for (const { major, node } of NODES) {
    it.skipIf(node === undefined).each(['esm', 'cjs'] as const)(
      `on Node ${major}, loaded by %s: runs`,
      async (kind) => {
        const api = await startScriptedApi()
        const { code } = await transform(PROGRAM, { loader: 'ts', format: kind })
        const program = await writeProgram(kind, 'program.js', code)
        if (kind === 'cjs') expect(code).toContain('require("job-analytics-client")')
        const { stdout } = await run(node ?? '', [program, api.url], { cwd: project })
        await api.close()
        expect(stdout).toBe(OUTPUT)
      },
    )
  }

  it('an uncaught error with source maps on: names the class and the line of the source', async () => {
    const program = await writeProgram(
      'esm',
      'uncaught.js',
      "import { AnalyticsClient } from 'job-analytics-client'\nnew AnalyticsClient({ baseUrl: 'nowhere', apiKey: 'k' })\n",
    )
    const failed = run(process.execPath, ['--enable-source-maps', program])
    await expect(failed).rejects.toMatchObject({
      stderr: expect.stringMatching(/AnalyticsError: `options\.baseUrl` [\s\S]*src\/transport\.ts:\d+/),
    })
  })
})
