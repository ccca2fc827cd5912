import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { DIMENSIONS, METRICS, PERIODS } from '../../src/domain/stats-question.ts'
import { ERRORS } from '../../src/errors.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const scripts: Record<string, string> = packageJson.scripts

describe('the README', () => {
  it('names only commands that there are', () => {
    const named = Array.from(readme.matchAll(/npm run (?:--silent )?([\w:-]+)/g), ([, name = '']) => name)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    expect(scripts).toHaveProperty('test')
  })

  it('links only to files that there are', () => {
    const linked = Array.from(readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g), ([, path = '']) => path)
    const shown = Array.from(
      readme.matchAll(/`((?:src|local|scripts|test|docs)\/[\w./-]*)`/g),
      ([, path = '']) => path,
    )
    expect(linked.length).toBeGreaterThan(5)
    expect([...linked, ...shown].filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('has the error table of the code', () => {
    const rows = Array.from(readme.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm), ([, status, code]) => [
      code,
      Number(status),
    ])
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(Object.entries(ERRORS).map(([code, { status }]) => [code, status])),
    )
  })

  it('names every period, metric and dimension', () => {
    for (const word of [...PERIODS, ...METRICS, ...DIMENSIONS]) expect(readme).toContain(`\`${word}\``)
  })

  it('names every runtime dependency', () => {
    const list = /^Runtime dependencies are (.*), no others\.$/m.exec(readme)?.[1] ?? ''
    expect(list.split(/, | and /).sort()).toEqual(Object.keys(packageJson.dependencies).sort())
  })
})
