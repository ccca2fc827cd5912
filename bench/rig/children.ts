// Keeps a list of all processes that the benchmark has started, so that none outlives it.

import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()

/** Adds a child to the list until it has ended. */
export function keepTrackOf(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Kills every child that still runs. For a process that is about to end. */
export function killAllChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}
