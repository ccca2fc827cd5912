// What `npm run deploy` would send: it builds, and it stays lean.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const MAX_GZIP_BYTES = 132_000
const directory = mkdtempSync(join(tmpdir(), 'bundle-'))

afterAll(() => rmSync(directory, { recursive: true }))

it('the deploy bundle builds, minified, in at most 132 KB gzip, without anything of the tools', () => {
  execFileSync('wrangler', ['deploy', '--dry-run', '--minify', '--outdir', directory], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_WRITE_LOGS: 'false' },
    stdio: 'pipe',
  })
  const bundle = readFileSync(join(directory, 'index.js'))
  expect(gzipSync(bundle, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIP_BYTES)
  expect(bundle.toString()).toContain('/api/v2/query')
  expect(bundle.toString()).not.toMatch(/zod-openapi|pglite|fast-check/)
})
