// Reads which modules of the Worker import which, for the architecture test and the module count.

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One import of a module. */
export interface ModuleImport {
  /** The importing module, as a path below `src/`. */
  from: string
  /** A path below `src/`, or the name of a package. */
  target: string
  isPackage: boolean
  /** `import type`: nothing of it runs. */
  isType: boolean
}

/** One module of the Worker. */
export interface WorkerModule {
  text: string
  lines: number
  imports: readonly ModuleImport[]
}

const SRC = join(import.meta.dirname, '..', 'src')
const IMPORT =
  /^(?:import|export)\s(type\s)?[^'"]*?\sfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

/** The reference's text stands beside the endpoints and is not part of the Worker. */
export const REFERENCE_TEXT = /^endpoints\/([\w-]+\/reference|endpoint-reference)\.ts$/

/** Every module below `src/`, by its path below `src/`, such as `http/errors.ts`. */
export function readWorkerModules(): ReadonlyMap<string, WorkerModule> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((file) =>
    file.replaceAll('\\', '/'),
  )
  const modules = files.filter((file) => file.endsWith('.ts') && !REFERENCE_TEXT.test(file)).sort()
  return new Map(modules.map((file) => [file, readModule(file)]))
}

function readModule(file: string): WorkerModule {
  const text = readFileSync(join(SRC, file), 'utf8')
  return { text, lines: text.trimEnd().split('\n').length, imports: importsOf(file, text) }
}

/** The imports in the text of a module. `file` is its path below `src/`. */
export function importsOf(file: string, text: string): ModuleImport[] {
  return Array.from(text.matchAll(IMPORT), ([, type, named, bare, dynamic]) => {
    const specifier = named ?? bare ?? dynamic ?? ''
    const isPackage = !specifier.startsWith('.')
    const target = isPackage ? specifier : posix.join(posix.dirname(file), specifier)
    return { from: file, target, isPackage, isType: type !== undefined }
  })
}

/** The modules that `entry` reaches, itself included, over the imports that `follow` accepts. Throws for an unknown module. */
export function reachableFrom(
  modules: ReadonlyMap<string, WorkerModule>,
  entry: string,
  follow: (edge: ModuleImport) => boolean = () => true,
): Set<string> {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    const module = modules.get(file)
    if (module === undefined) throw new Error(`There is no module src/${file}`)
    reached.add(file)
    for (const edge of module.imports) if (!edge.isPackage && follow(edge)) visit(edge.target)
  }
  visit(entry)
  return reached
}

/** One cycle of imports that `follow` accepts, as the modules in their order; undefined if there is none. */
export function findCycle(
  modules: ReadonlyMap<string, WorkerModule>,
  follow: (edge: ModuleImport) => boolean = () => true,
): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    const index = path.indexOf(file)
    if (index >= 0) return [...path.slice(index), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const edge of modules.get(file)?.imports ?? []) {
      const cycle = !edge.isPackage && follow(edge) ? visit(edge.target) : undefined
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of modules.keys()) {
    const cycle = visit(file)
    if (cycle) return cycle
  }
  return undefined
}
