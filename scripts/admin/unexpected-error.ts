// Describes an error that no code expects. Its message may hold anything, so only its name and its place are shown.

/** Returns the error's name and the file and line that threw it, such as "TypeError at table.ts:12". */
export function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const [, place] = /(?:\(|at )(?:file:\/\/)?[^)\s]*?([\w-]+\.[tj]s:\d+)/.exec(error.stack ?? '') ?? []
  return place === undefined ? error.name : `${error.name} at ${place}`
}
