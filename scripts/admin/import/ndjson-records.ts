// Reads NDJSON, one JSON object a line; blank lines are skipped.
import type { Line } from './lines.ts'

export async function* readNdjson(lines: AsyncIterable<Line<string>>): AsyncGenerator<Line<unknown>> {
  for await (const line of lines) {
    if ('problem' in line) yield line
    else if (line.value.trim() !== '') yield parse(line.line, line.value)
  }
}

function parse(line: number, text: string): Line<unknown> {
  try {
    return { line, value: JSON.parse(text) }
  } catch {
    return { line, problem: 'it is not JSON' }
  }
}
