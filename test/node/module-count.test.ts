import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reachableFrom, readWorkerModules } from '../../scripts/module-graph.ts'
import { endpointSize } from '../../scripts/module-size.ts'

const ROOT = join(import.meta.dirname, '..', '..')

describe('module count', () => {
  it('counts the modules of one endpoint, down to the stores, and leaves out the folders of others', () => {
    const files = [...endpointSize('job-visitors').files.keys()]
    expect(files).toEqual(
      expect.arrayContaining([
        'index.ts',
        'app.ts',
        'connect.ts',
        'endpoints/job-visitors/route.ts',
        'endpoints/job-visitors/response.ts',
        'endpoints/job-figures.ts',
        'request/cached-query.ts',
        'limits/upstash-admission.ts',
        'stores/neon-client.ts',
        'analytics/plausible-store.ts',
        'stores/redis-batch.ts',
      ]),
    )
    expect(files.filter((file) => /^endpoints\/(?!job-visitors\/)[\w-]+\//.test(file))).toEqual([])
    expect(new Set(files).size).toBe(files.length)
  })

  it('adds the lines of those files', () => {
    const { lines, files } = endpointSize('job-visitors')
    const read = [...files.keys()].map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
    expect(lines).toBe(read.reduce((sum, text) => sum + text.split('\n').length - 1, 0))
  })

  it('leaves out a module that is imported only for its types, with `types: false`', () => {
    const all = endpointSize('job-visitors').files
    const running = endpointSize('job-visitors', { types: false }).files
    expect(all.has('services.ts')).toBe(true)
    expect(running.has('services.ts')).toBe(false)
    expect([...running.keys()].filter((file) => !all.has(file))).toEqual([])
  })

  it('begins at the handler with `entry`, and reaches no adapter from there', () => {
    const files = [...endpointSize('job-visitors', { entry: 'handler', types: false }).files.keys()]
    expect(files[0]).toBe('endpoints/job-visitors/route.ts')
    expect(files).toContain('request/authenticate-and-admit.ts')
    expect(files).not.toContain('app.ts')
    expect(files.filter((file) => /(neon|plausible|redis|upstash)-/.test(file))).toEqual([])
  })

  it('refuses an endpoint that does not exist', () => {
    expect(() => endpointSize('no-such-endpoint', { entry: 'handler' })).toThrow(
      'There is no module src/endpoints/no-such-endpoint/route.ts',
    )
  })

  it('reaches every module of the Worker when nothing is left out', () => {
    const modules = readWorkerModules()
    const reached = reachableFrom(modules, 'index.ts')
    expect([...modules.keys()].filter((file) => !reached.has(file))).toEqual([
      // Used by the operator's commands only.
      'analytics/plausible-diagnosis.ts',
      // Replaces a part of a library in the bundle, by [alias] in wrangler.toml.
      'limits/no-analytics.ts',
    ])
  })

  it('is printed by the command, beside the target', () => {
    const printed = execFileSync(process.execPath, ['scripts/module-count.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    const { modules, lines } = endpointSize('job-visitors')
    expect(printed).toContain(`${modules} modules`)
    expect(printed).toContain(`${lines.toLocaleString('en')} lines`)
    expect(printed).toContain('Target: at most 25 modules and 1,500 lines.')
  })
})
