// How many modules and lines an endpoint consists of.

import { reachableFrom, readWorkerModules } from './module-graph.ts'

/** The size of an endpoint, and the lines of each module by its path below `src/`. */
export interface EndpointSize {
  modules: number
  lines: number
  files: ReadonlyMap<string, number>
}

/** Where the count begins, and whether modules count that are imported only for their types. */
export interface SizeOptions {
  entry?: 'worker' | 'handler'
  types?: boolean
}

/**
 * What is reached for the endpoint in this folder of `src/endpoints/`, from `src/index.ts` or from the endpoint's handler.
 * The folders of other endpoints are left out. Lines are all lines, comments and blank ones included.
 */
export function endpointSize(
  folder: string,
  { entry = 'worker', types = true }: SizeOptions = {},
): EndpointSize {
  const modules = readWorkerModules()
  const start = entry === 'worker' ? 'index.ts' : `endpoints/${folder}/route.ts`
  const reached = reachableFrom(
    modules,
    start,
    ({ target, isType }) => (types || !isType) && !belongsToAnother(folder, target),
  )
  const files = new Map([...reached].map((file) => [file, modules.get(file)?.lines ?? 0]))
  return { modules: files.size, lines: [...files.values()].reduce((sum, lines) => sum + lines, 0), files }
}

function belongsToAnother(folder: string, file: string): boolean {
  const owner = /^endpoints\/([^/]+)\//.exec(file)?.[1]
  return owner !== undefined && owner !== folder
}
