// Knows every process the benchmark has started, so that none outlives it.

import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()

/** Remembers a child until it has ended. */
export function keepTrackOf(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Ends every child that still runs, at once: for a process that is about to end. */
export function killAllChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}
