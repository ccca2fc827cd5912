import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  findCycle,
  importsOf,
  type ModuleImport,
  REFERENCE_TEXT,
  readWorkerModules,
} from '../../scripts/module-graph.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * The rooms of src/, top down: a folder, or a file at the top. A module imports from its own room and from lower lines, never
 * from a room on its own line.
 */
const LAYERS = [
  ['index'],
  ['app', 'connect'],
  ['endpoints'],
  ['request'],
  ['services'],
  ['shared-state'],
  ['cache', 'console', 'directory', 'keys', 'limits', 'usage'],
  ['analytics'],
  ['config', 'http', 'stores'],
]
/**
 * The folders of the repository, top down. A module imports from its own folder and from lower lines: nothing but a test needs a
 * test, and the Worker and the client need nothing of the rest.
 */
const FOLDERS = [
  ['test'],
  ['bench', 'prove'],
  ['harness'],
  ['console', 'examples', 'scripts', 'site'],
  ['local'],
  ['migrations'],
  ['packages/client', 'src'],
]
const SUBJECTS = ['analytics', 'cache', 'console', 'directory', 'keys', 'limits', 'shared-state', 'usage']

/** A module that speaks to one product is named after it. */
const ADAPTER = /(^|\/)(neon|plausible|redis|upstash)-[\w-]+\.ts$/

/** Who may import which package. Each SDK belongs to one room, and Hono to the modules that handle HTTP. */
const PACKAGES: [package_: RegExp, importers: RegExp][] = [
  [/^@upstash\/redis(\/|$)/, /^stores\//],
  [/^@upstash\/ratelimit$/, /^limits\//],
  [/^@neondatabase\/serverless$/, /^stores\//],
  [/^hono\/utils\/jwt\/jwt$/, /^console\//],
  [/^hono(\/|$)/, /^(app|index|http\/(cors|require-host)|request\/(app-env|request-log|respond))\.ts$/],
  [/^zod\/mini$/, /^(config\.ts|(analytics|cache|console|directory|endpoints|http|limits|stores|usage)\/)/],
]

/** The modules below the handlers that take Hono's context. */
const CONTEXT_TAKERS = /^(endpoints\/.*|request\/(app-env|other-methods|request-log|respond)\.ts)$/

/** The schemas of responses, which only the reference and tests use. */
const RESPONSE_SCHEMA = /^(endpoints\/[\w-]+\/response|http\/error-response)\.ts$/

const modules = readWorkerModules()
const edges = [...modules.values()].flatMap(({ imports }) => imports)
const own = edges.filter(({ isPackage }) => !isPackage)
const packages = edges.filter(({ isPackage }) => isPackage)

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '')
}

function layerOf(file: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(roomOf(file)))
}

function endpointOf(file: string): string | undefined {
  return /^endpoints\/([\w-]+)\//.exec(file)?.[1]
}

/** The source files of a folder, as paths from the root. */
function sourceFilesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
}

function folderOf(file: string): string | undefined {
  return FOLDERS.flat().find((folder) => file.startsWith(`${folder}/`))
}

/** Imports as a failure shows them. */
function shown(found: readonly ModuleImport[]): string[] {
  return found.map(({ from, target }) => `${from} imports ${target}`)
}

function modulesThat(test: (text: string, file: string) => boolean): string[] {
  return [...modules].filter(([file, { text }]) => test(text, file)).map(([file]) => file)
}

describe('import reader', () => {
  it('finds imports over several lines, of types, for side effects, re-exported and dynamic', () => {
    const text = [
      "import * as z from 'zod/mini'",
      "import {\n  first,\n  type Second,\n} from '../cache/freshness.ts'",
      "import type { Third } from './third.ts'",
      "import './fourth.ts'",
      "export { fifth } from './fifth.ts'",
      "const sixth = await import('./sixth.ts')",
      "// not from 'comment'",
    ].join('\n')
    expect(importsOf('limits/x.ts', text)).toEqual([
      { from: 'limits/x.ts', target: 'zod/mini', isPackage: true, isType: false },
      { from: 'limits/x.ts', target: 'cache/freshness.ts', isPackage: false, isType: false },
      { from: 'limits/x.ts', target: 'limits/third.ts', isPackage: false, isType: true },
      { from: 'limits/x.ts', target: 'limits/fourth.ts', isPackage: false, isType: false },
      { from: 'limits/x.ts', target: 'limits/fifth.ts', isPackage: false, isType: false },
      { from: 'limits/x.ts', target: 'limits/sixth.ts', isPackage: false, isType: false },
    ])
  })

  it('finds as many imports in src/ as there are lines that name a module', () => {
    const named = modulesThat(() => true).flatMap((file) =>
      Array.from((modules.get(file)?.text ?? '').matchAll(/(?:\bfrom|^import) '[^']+'$/gm)),
    )
    expect(edges.length).toBeGreaterThan(150)
    expect(edges).toHaveLength(named.length)
    expect(own.filter(({ target }) => !modules.has(target))).toEqual([])
  })
})

describe('rooms of src/', () => {
  it('each module belongs to a room of the list, and each room has a module', () => {
    const rooms = new Set([...modules.keys()].map(roomOf))
    expect([...rooms].sort()).toEqual(LAYERS.flat().sort())
  })

  it('docs/architecture.md has the same list', () => {
    const document = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8')
    expect(/^```\n(index\n[^`]*)```/m.exec(document)?.[1]).toBe(
      LAYERS.map((rooms) => `${rooms.join(' ')}\n`).join(''),
    )
  })

  it('imports point down the list', () => {
    const wrong = own.filter(
      ({ from, target }) => roomOf(from) !== roomOf(target) && layerOf(from) >= layerOf(target),
    )
    expect(shown(wrong)).toEqual([])
  })

  it('no import that runs is part of a cycle', () => {
    expect(findCycle(modules, ({ isType }) => !isType)).toBeUndefined()
  })

  it('rooms of a subject need nothing of HTTP', () => {
    const wrong = own.filter(
      ({ from, target }) => SUBJECTS.includes(roomOf(from)) && roomOf(target) === 'http',
    )
    expect(shown(wrong)).toEqual([])
  })

  it('only connect.ts and other adapters import an adapter', () => {
    const adapters = [...modules.keys()].filter((file) => ADAPTER.test(file))
    expect(adapters.length).toBeGreaterThan(8)
    const wrong = own.filter(
      ({ from, target }) => ADAPTER.test(target) && !ADAPTER.test(from) && from !== 'connect.ts',
    )
    expect(shown(wrong)).toEqual([])
  })

  it('services.ts consists of types', () => {
    expect(modules.get('services.ts')?.imports.filter(({ isType }) => !isType)).toEqual([])
    expect(modules.get('services.ts')?.text).not.toMatch(/^export (?!interface|type)/m)
  })

  it('an endpoint imports nothing of another endpoint but its response', () => {
    const wrong = own.filter(({ from, target }) => {
      const [importer, imported] = [endpointOf(from), endpointOf(target)]
      return (
        importer !== undefined &&
        imported !== undefined &&
        importer !== imported &&
        !RESPONSE_SCHEMA.test(target)
      )
    })
    expect(shown(wrong)).toEqual([])
  })
})

describe('folders of the repository', () => {
  const all = FOLDERS.flat()
    .flatMap(sourceFilesOf)
    .flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')))
    .filter(({ isPackage }) => !isPackage)
  const lineOf = (folder: string) => FOLDERS.findIndex((line) => line.includes(folder))

  it('each folder with TypeScript is in the list', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|packages$)/.test(entry.name))
      .map(({ name }) => name)
      .filter((folder) => sourceFilesOf(folder).length > 0)
    expect([...folders, 'packages/client'].sort()).toEqual(FOLDERS.flat().sort())
  })

  it('docs/architecture.md has them in the same order', () => {
    const document = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8')
    const section = document.split('## The folders of the repository')[1]?.split('\n## ')[0] ?? ''
    const rows = Array.from(section.matchAll(/^\| (`.+?) \|/gm), ([, names = '']) =>
      Array.from(names.matchAll(/`([^`]+)\/`/g), ([, name]) => name).sort(),
    )
    expect(rows).toEqual(FOLDERS.map((line) => [...line].sort()))
  })

  it('imports point down the list', () => {
    const between = all.flatMap((found) => {
      const [from, target] = [folderOf(found.from), folderOf(found.target)]
      return from && target && from !== target ? [{ ...found, isUp: lineOf(from) >= lineOf(target) }] : []
    })
    expect(between.length).toBeGreaterThan(300)
    expect(shown(between.filter(({ isUp }) => isUp))).toEqual([])
  })
})

describe('packages in src/', () => {
  it('each is imported only where it belongs', () => {
    const wrong = packages.filter(({ from, target }) => {
      const importers = PACKAGES.find(([name]) => name.test(target))?.[1]
      return importers === undefined || !importers.test(from)
    })
    expect(shown(wrong)).toEqual([])
  })

  it("Hono's context is taken by handlers, and below them only by the modules that open a request, respond and close it", () => {
    const takers = modulesThat((text) => /\bAppContext\b|\bContext\b|createMiddleware/.test(text))
    expect(takers.filter((file) => !CONTEXT_TAKERS.test(file))).toEqual([
      'http/cors.ts',
      'http/require-host.ts',
    ])
  })

  it('the Worker imports no text of the reference', () => {
    expect(shown(own.filter(({ target }) => REFERENCE_TEXT.test(target)))).toEqual([])
  })

  it('the Worker imports only the types of response schemas', () => {
    const wrong = own.filter(
      ({ from, target, isType }) => RESPONSE_SCHEMA.test(target) && !RESPONSE_SCHEMA.test(from) && !isType,
    )
    expect(shown(wrong)).toEqual([])
  })
})

describe('source text', () => {
  it('every source file outside test/ opens with a sentence that says what it is', () => {
    const files = FOLDERS.flat()
      .filter((folder) => folder !== 'test')
      .flatMap(sourceFilesOf)
    expect(files.length).toBeGreaterThan(400)
    const silent = files.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(silent).toEqual([])
  })

  it.each([
    ['replaced transport of a library', /fetchFunction|extends Redis\b/],
    ['state of a module that can be assigned anew', /^(export )?let /m],
    ['default export, except the entry’s', /^export default/m],
  ])('src/ has no %s', (_, pattern) => {
    expect(modulesThat((text, file) => pattern.test(text) && file !== 'index.ts')).toEqual([])
  })
})
