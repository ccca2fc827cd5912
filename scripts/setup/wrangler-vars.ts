// Sets vars of one environment in wrangler.toml, where every later deployment finds them, and leaves all other lines alone.
import { AdminError } from '../admin/admin-error.ts'

/** What a var is before and after. */
export interface VarChange {
  name: string
  value: string
  isNew: boolean
}

/** Returns the file's new text and what has changed. Throws AdminError when the environment has no table of vars. */
export function setVars(
  toml: string,
  environment: string,
  vars: Record<string, string>,
): { text: string; changes: VarChange[] } {
  const lines = toml.split('\n')
  const start = lines.findIndex((line) => line.trim() === `[env.${environment}.vars]`)
  if (start === -1) {
    throw new AdminError(
      'usage',
      `wrangler.toml has no [env.${environment}.vars]: add one, or choose another --env`,
    )
  }
  const changes: VarChange[] = []
  for (const [name, value] of Object.entries(vars)) {
    // A string of JSON is a basic string of TOML.
    const wanted = `${name} = ${JSON.stringify(value)}`
    const end = endOfTable(lines, start)
    const at = lines.findIndex((line, index) => index > start && index < end && keyOf(line) === name)
    if (lines[at]?.trim() === wanted) continue
    changes.push({ name, value, isNew: at === -1 })
    if (at === -1) lines.splice(end, 0, wanted)
    else lines[at] = wanted
  }
  return { text: lines.join('\n'), changes }
}

/** The line after the last one of the table that is not empty. */
function endOfTable(lines: readonly string[], start: number): number {
  const next = lines.findIndex((line, index) => index > start && line.trimStart().startsWith('['))
  const body = lines.slice(0, next === -1 ? lines.length : next)
  return body.findLastIndex((line) => line.trim() !== '') + 1
}

function keyOf(line: string): string | undefined {
  return /^\s*"?([\w-]+)"?\s*=/.exec(line)?.[1]
}
