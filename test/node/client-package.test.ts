import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPackedClient } from '../setup/packed-client.ts'
import { jobId, startScriptedApi } from './client/scripted-api.ts'

const run = promisify(execFile)
const TSC = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'tsc')
const folder = await mkdtemp(join(tmpdir(), 'job-analytics-client-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules', 'job-analytics-api')

beforeAll(() => installPackedClient(project))
afterAll(() => rm(folder, { recursive: true }))

const PROGRAM = `import { AnalyticsClient, AnalyticsError, type Period } from 'job-analytics-api/client'

const period: Period = '7d'
const client = new AnalyticsClient({ baseUrl: process.argv[2] ?? '', apiKey: 'jak_key', cache: true })
const visitors: Map<string, number> = await client.jobVisitors(['${jobId(7)}', '${jobId(8)}'], {
  period,
  signal: AbortSignal.timeout(5000),
  onProgress: ({ done, total }) => console.log(\`\${done} of \${total}\`),
})
console.log(JSON.stringify([...visitors.values()]))
try {
  await new AnalyticsClient({ baseUrl: 'http://127.0.0.1:1', apiKey: 'jak_key', deadlineMs: 200 }).siteAnalytics()
} catch (error) {
  if (error instanceof AnalyticsError) console.log(error.code, error.retryAfterSeconds)
}
`

/** An executable of this version of Node: this one, the system's, or one from the registry kept in the temporary folder. */
async function nodeOf(major: number): Promise<string | undefined> {
  const cache = join(tmpdir(), `job-analytics-node-${major}`)
  const package_ = `node-${process.platform}-${process.arch}`
  const cached = join(cache, 'node_modules', package_, 'bin', 'node')
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, 'node'))
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
  if (node === undefined)
    console.warn(`Node ${major} is not here and cannot be fetched: the client is not run on it`)
}

describe('the packed client', () => {
  it('holds the module, its types and its licence, and depends on nothing', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(manifest)).not.toContain('dependencies')
    expect(Object.keys(manifest.exports)).toContain('./client')
    expect(await readdir(join(project, 'node_modules'))).toEqual(
      expect.arrayContaining(['job-analytics-api']),
    )
    expect(
      (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.')),
    ).toHaveLength(1)
    expect(await readdir(installed)).toEqual(expect.arrayContaining(['LICENSE', 'dist', 'package.json']))
  })

  it('is under 10 KB, compressed, for a browser too', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "export * from 'job-analytics-api/client'", resolveDir: project },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    })
    expect(gzipSync(outputFiles[0]?.contents ?? '').byteLength).toBeLessThan(10_000)
  })

  it.each(['nodenext', 'bundler'])(
    'type-checks strictly where nothing else is installed: %s',
    async (resolution) => {
      await writeFile(
        join(project, 'program.ts'),
        PROGRAM.replace(/^/, 'declare const process: { argv: string[] }\n'),
      )
      const options = {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        module: resolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution: resolution,
        lib: ['es2023', 'dom', 'dom.iterable'],
        types: [],
      }
      await writeFile(
        join(project, 'tsconfig.json'),
        JSON.stringify({ compilerOptions: options, files: ['program.ts'] }),
      )
      const { stdout } = await run(TSC, ['-p', project])
      expect(stdout).toBe('')
    },
  )

  it('names nothing of the server in its types', async () => {
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
    it.skipIf(node === undefined)(`runs on Node ${major}`, async () => {
      const api = await startScriptedApi()
      const program = join(project, 'program.js')
      const { code } = await transform(PROGRAM, { loader: 'ts' })
      await writeFile(program, code)
      const { stdout } = await run(node ?? '', [program, api.url], { cwd: project })
      await api.close()
      expect(stdout).toBe('2 of 2\n[7,8]\nnetwork_error undefined\n')
    })
  }
})
