// Starts server processes, and signals them together with all of their descendants, whichever process groups those are in.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

/** Which program to start, and how. */
export interface Program {
  command: string
  args: readonly string[]
  /** The user and group to run as; those of this process if undefined. */
  account?: { uid: number; gid: number } | undefined
  /** Standard output or error contains this once the program serves. */
  readyText: string
}

const STARTED_WITHIN_MS = 20_000
const running = new Set<ChildProcess>()

/** Starts a program and waits until it serves. Rejects with the end of its output when it does not. */
export async function startProgram({ command, args, account, readyText }: Program): Promise<ChildProcess> {
  const child = spawn(command, args, { ...account, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ready = Promise.withResolvers<void>()
  let output = ''
  const read = (text: string) => {
    output = (output + text).slice(-4_000)
    if (output.includes(readyText)) ready.resolve()
  }
  child.stdout.setEncoding('utf8').on('data', read)
  child.stderr.setEncoding('utf8').on('data', read)
  const fail = (why: string) => ready.reject(new Error(`${command} ${why}: ${output.trim().slice(-500)}`))
  child.once('error', (error) => fail(`did not start (${error.message})`))
  child.once('exit', () => fail('ended'))
  const timer = setTimeout(() => fail('did not start in time'), STARTED_WITHIN_MS)
  try {
    await ready.promise
    return child
  } catch (error) {
    await killTree(child)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** The process and all processes that it has started, directly or not. */
export function treeOf({ pid }: Pick<ChildProcess, 'pid'>): number[] {
  if (pid === undefined) return []
  const children = Map.groupBy(readProcesses(), ({ parent }) => parent)
  const tree = [pid]
  for (const member of tree) tree.push(...(children.get(member) ?? []).map((child) => child.pid))
  return tree
}

/** Sends a signal to each of them. */
export function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  for (const pid of treeOf(child)) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended since it was listed.
    }
  }
}

/** Kills each of them. Resolves when the process itself has ended. */
export async function killTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  signalTree(child, 'SIGKILL')
  await exited
}

/** Kills everything that still runs. For a process that is about to end. */
export function killAllPrograms(): void {
  for (const child of running) signalTree(child, 'SIGKILL')
}

/** Counts a child that was started elsewhere among those to kill. */
export function keepTrackOfProgram(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
}

function readProcesses(): { pid: number; parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name of the program is in parentheses and may hold anything.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [{ pid: Number(name), parent: Number(parent) }]
    } catch {
      return []
    }
  })
}
