import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { DIMENSIONS, INTERVALS } from '../../src/analytics/analytics-store.ts'
import { METRICS } from '../../src/analytics/figures.ts'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import { ERRORS } from '../../src/http/errors.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const scripts: Record<string, string> = packageJson.scripts

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

const readme = read('README.md')
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  '.github/pull_request_template.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

/** Files that a document names before they exist. */
const PLANNED = /^(src\/endpoints\/job-sources\/|scripts\/openapi\/job-sources-|test\/worker\/job-sources)/

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const text = heading.replace(/[`*]/g, '').trim().toLowerCase()
  return text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
}

/** The anchors of a document's headings, those in code blocks left out. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '')
  return Array.from(prose.matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) => anchorOf(heading))
}

describe.each(documents)('%s', (path) => {
  const text = read(path)

  it('names only npm commands that exist', () => {
    const named = Array.from(text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g), ([, name = '']) => name)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    expect(scripts).toHaveProperty('test')
  })

  it('links only to files and headings that exist', () => {
    const links = Array.from(text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link = '']) => link)
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : join(dirname(path), file)
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names only paths that exist', () => {
    const named = Array.from(
      text.matchAll(/`((?:src|packages|local|scripts|test|docs|migrations|site|bench)\/[\w./-]*)`/g),
      ([, name = '']) => name,
    )
    expect(named.filter((name) => !PLANNED.test(name) && !existsSync(join(ROOT, name)))).toEqual([])
  })
})

describe('README.md', () => {
  it('has commands, links and a start for each of its three readers', () => {
    expect(readme.match(/npm run /g)?.length).toBeGreaterThan(5)
    expect(readme.match(/\]\((?!https?:)/g)?.length).toBeGreaterThan(10)
    for (const heading of ['If you call the API', 'If you operate it', 'If you change it']) {
      expect(readme).toContain(`\n## ${heading}\n`)
      expect(readme).toContain(`(#${anchorOf(heading)})`)
    }
  })

  it('shows a picture that is smaller than 300 kB', () => {
    const [, picture = ''] = /!\[[^\]]+\]\(([^)]+\.png)\)/.exec(readme) ?? []
    expect(statSync(join(ROOT, picture)).size).toBeLessThan(300_000)
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

  it('names every period, interval, metric and dimension', () => {
    for (const word of [...REQUEST_PERIODS, ...INTERVALS, ...METRICS, ...DIMENSIONS]) {
      expect(readme).toContain(`\`${word}\``)
    }
  })

  it('names every runtime dependency', () => {
    const list = /^Runtime dependencies are (.*), no others\.$/m.exec(readme)?.[1] ?? ''
    expect(list.split(/, | and /).sort()).toEqual(Object.keys(packageJson.dependencies).sort())
  })
})

describe('CONTRIBUTING.md', () => {
  it('names every folder of the repository’s code and every room of src/ in its layout', () => {
    const layout = /## Layout\n\n```\n([\s\S]*?)```/.exec(read('CONTRIBUTING.md'))?.[1] ?? ''
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    const top = ['src', 'packages/client', 'local', 'scripts', 'bench', 'site', 'migrations', 'test']
    const missing = [...folders.map(({ name }) => name), ...top].filter(
      (name) => !layout.includes(`${name}/`),
    )
    expect(missing).toEqual([])
  })

  it('names only steps of a handler that a handler takes', () => {
    const steps = /one statement per step: (.*?) \|/.exec(read('CONTRIBUTING.md'))?.[1] ?? ''
    const named = Array.from(steps.matchAll(/`(\w+)`/g), ([, name = '']) => name)
    expect(named.length).toBeGreaterThan(5)
    const handler = read('src/endpoints/job-visitors/route.ts')
    expect(named.filter((name) => !handler.includes(`${name}(`))).toEqual([])
  })
})

describe('.github/workflows', () => {
  const folder = '.github/workflows'
  const workflows = readdirSync(join(ROOT, folder)).map((file) => read(`${folder}/${file}`))

  it('may only read the repository', () => {
    expect(workflows.length).toBeGreaterThan(0)
    for (const workflow of workflows) {
      expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m)
      expect(workflow.match(/permissions:/g)).toHaveLength(1)
    }
  })

  it('pins each action to a commit, with its version beside it', () => {
    const used = workflows.flatMap((workflow) => workflow.match(/uses: .*/g) ?? [])
    expect(used.length).toBeGreaterThan(1)
    expect(used.filter((use) => !/@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(use))).toEqual([])
  })

  it('runs what .ci/run runs', () => {
    expect(workflows.join('\n')).toMatch(/^ +- run: \.ci\/run$/m)
    expect(read('.ci/run')).toMatch(/^npm run check$/m)
  })
})

describe('.nvmrc', () => {
  it('is the major version of the Node that npm installs for the scripts on Linux', () => {
    const majors = Object.values(packageJson.optionalDependencies).map((version) => version.split('.')[0])
    expect(new Set(majors)).toEqual(new Set([read('.nvmrc').trim()]))
  })
})
