// The progress bar of an import, for a person at a terminal; without one nothing is drawn.
import { SingleBar } from 'cli-progress'
import type { Terminal } from '../terminal.ts'
import type { ImportCounts } from './import-jobs.ts'

const WITH_TOTAL = '{bar} {percentage}%  {lines} lines  {rate}/s  {left} left'
const WITHOUT_TOTAL = '{lines} lines  {rate}/s'

export interface ProgressBar {
  advance(bytes: number): void
  show(counts: ImportCounts): void
  /** A line above the bar. */
  print(line: string): void
  stop(): void
}

/** `totalBytes` is undefined where it is not known: then there is a rate and no time left. */
export function startProgressBar(terminal: Terminal, totalBytes: number | undefined): ProgressBar {
  const print = (line: string) => void terminal.messages.write(`${line}\n`)
  if (!terminal.isInteractive) return { advance() {}, show() {}, print, stop() {} }
  const startedAt = Date.now()
  let bytes = 0
  const format = totalBytes === undefined ? WITHOUT_TOTAL : WITH_TOTAL
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, etaBuffer: 100, fps: 5 })
  bar.start(totalBytes ?? 0, 0, { lines: 0, rate: 0, left: '-' })
  return {
    advance(more) {
      bytes += more
    },
    show({ lines }) {
      const seconds = (Date.now() - startedAt) / 1_000
      const left = totalBytes === undefined ? 0 : (seconds / bytes) * (totalBytes - bytes)
      bar.update(bytes, { lines, rate: Math.round(lines / seconds), left: formatSeconds(left) })
    },
    print(line) {
      // Over the bar, which is drawn anew below it.
      terminal.messages.write(`\r\u001b[K${line}\n`)
    },
    stop: () => bar.stop(),
  }
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`
}
