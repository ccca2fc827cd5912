// The progress bar of an import, drawn only at a terminal.
import { SingleBar } from 'cli-progress'
import type { Terminal } from '../terminal.ts'
import type { ImportCounts } from './import-jobs.ts'

/** What the line holds beside the bar, at most. */
const NUMBERS_WIDTH = 48
const MAX_BAR_WIDTH = 40

const WITH_TOTAL = '{bar} {percentage}%  {lines} lines  {rate}/s  {left} left'
const WITHOUT_TOTAL = '{lines} lines  {rate}/s'

/** A progress bar; without a terminal only `print` has an effect. */
export interface ProgressBar {
  /** Counts bytes that were read. */
  advance(bytes: number): void
  show(counts: ImportCounts): void
  /** Prints a line above the bar. */
  print(line: string): void
  stop(): void
}

/** Starts the bar. When `totalBytes` is undefined, it shows a rate and no time left. */
export function startProgressBar(terminal: Terminal, totalBytes: number | undefined): ProgressBar {
  const print = (line: string) => void terminal.messages.write(`${line}\n`)
  if (!terminal.isInteractive) return { advance() {}, show() {}, print, stop() {} }
  const startedAt = Date.now()
  let bytes = 0
  const format = totalBytes === undefined ? WITHOUT_TOTAL : WITH_TOTAL
  const barsize = Math.max(8, Math.min(MAX_BAR_WIDTH, (terminal.columns ?? 80) - NUMBERS_WIDTH))
  const bar = new SingleBar({
    format,
    barsize,
    stream: process.stderr,
    hideCursor: true,
    etaBuffer: 100,
    fps: 5,
  })
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
      // Overwrites the bar, which is drawn again below the line.
      terminal.messages.write(`\r\u001b[K${line}\n`)
    },
    stop: () => bar.stop(),
  }
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`
}
