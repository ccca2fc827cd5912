import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const SRC = join(ROOT, 'src')

/** Every module of the Worker and what it imports: paths below src/ for its own, names for packages. */
const imports = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^client[./]/.test(file))
    .map((file) => [file, importsOf(file)]),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return Array.from(text.matchAll(/(?:from|import) '([^']+)'/g), ([, target = '']) =>
    target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
  )
}

/** The layer of a module: its folder, or its own name at the top. */
function layerOf(module: string): string {
  return module.includes('/') ? (module.split('/')[0] ?? '') : module.replace(/\.ts$/, '')
}

/** What each layer may import of the Worker's own; everything points down this list. */
const ALLOWED: Record<string, string[]> = {
  domain: ['domain'],
  contract: ['contract', 'domain'],
  answers: ['answers', 'domain', 'errors'],
  errors: ['answers'],
  services: ['domain'],
  config: [],
  'app-env': ['request'],
  adapters: ['adapters', 'domain', 'services'],
  request: ['request', 'answers', 'app-env', 'contract', 'domain', 'errors', 'services'],
  middleware: ['app-env', 'domain', 'request', 'services'],
  routes: ['routes', 'answers', 'app-env', 'contract', 'domain', 'request', 'services'],
  app: ['app-env', 'middleware', 'request', 'routes', 'services'],
  connect: ['adapters', 'config', 'domain', 'services'],
  index: ['answers', 'app', 'app-env', 'config', 'connect', 'domain', 'errors'],
}

/** Packages, and the layers that may import them. */
const PACKAGES: [RegExp, string[]][] = [
  [/^hono(\/|$)/, ['app', 'app-env', 'index', 'middleware', 'request', 'routes']],
  [/^@upstash\//, ['adapters']],
  [/^@neondatabase\//, ['adapters']],
  [/^zod\//, ['adapters', 'answers', 'config', 'contract', 'domain', 'request', 'routes']],
]

const own = [...imports].flatMap(([file, targets]) =>
  targets.filter((target) => target.endsWith('.ts')).map((target) => ({ file, target })),
)
const packages = [...imports].flatMap(([file, targets]) =>
  targets.filter((target) => !target.endsWith('.ts')).map((target) => ({ file, target })),
)

describe('the architecture', () => {
  it('has found the modules', () => {
    expect(imports.size).toBeGreaterThan(30)
    expect(own.length).toBeGreaterThan(100)
  })

  it('lets every import point down', () => {
    const wrong = own.filter(({ file, target }) => !ALLOWED[layerOf(file)]?.includes(layerOf(target)))
    expect(wrong).toEqual([])
  })

  it('imports each package in its own place', () => {
    const wrong = packages.filter(({ file, target }) => {
      const places = PACKAGES.find(([name]) => name.test(target))?.[1]
      return !places?.includes(layerOf(file))
    })
    expect(wrong).toEqual([])
  })

  it('imports Upstash and Neon only in the files named after them', () => {
    for (const { file, target } of packages) {
      if (target.startsWith('@upstash/')) expect(file).toMatch(/^adapters\/upstash-/)
      if (target.startsWith('@neondatabase/')) expect(file).toMatch(/^adapters\/neon-/)
    }
  })

  it('carries no schema of an answer in the Worker: their types hold the code to them', () => {
    const carried = [...imports.keys()].filter(
      (file) =>
        layerOf(file) !== 'answers' &&
        /import (?!type )[^']*'[^']*answers\//.test(readFileSync(join(SRC, file), 'utf8')),
    )
    expect(carried).toEqual([])
  })

  it('has no circles', () => {
    const onPath = new Set<string>()
    const done = new Set<string>()
    const visit = (module: string): void => {
      expect(onPath, `a circle through ${module}`).not.toContain(module)
      if (done.has(module)) return
      onPath.add(module)
      for (const target of imports.get(module) ?? []) if (target.endsWith('.ts')) visit(target)
      onPath.delete(module)
      done.add(module)
    }
    for (const module of imports.keys()) visit(module)
  })

  it('opens every file with a sentence that says what it is', () => {
    const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(src|local|scripts|bench)\/.*\.ts$/.test(file),
    )
    const silent = files.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(silent.map((file) => relative(ROOT, join(ROOT, file)))).toEqual([])
  })
})
