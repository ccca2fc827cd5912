// Memory and open files of the processes of a run, sampled from Linux's /proc, and whether they grow without end.

import { readdirSync, readFileSync } from 'node:fs'
import { median } from '../../harness/statistics.ts'

/** One sample of a group of processes. */
interface Sample {
  megabytes: number
  files: number
}

/** What a group of processes used early in the run, late in it, and at most. */
export interface ProcessFigures {
  name: string
  early: Sample
  late: Sample
  most: Sample
}

/** A group of processes by name. Which ones they are may change: a store that was killed is another process afterwards. */
export interface ProcessGroup {
  name: string
  pids(): number[]
}

/** Samples groups of processes. */
export class ProcessSamples {
  readonly #groups: readonly ProcessGroup[]
  readonly #samples = new Map<string, Sample[]>()

  constructor(groups: readonly ProcessGroup[]) {
    this.#groups = groups
  }

  /** Takes one sample of each group that runs. */
  take(): void {
    for (const { name, pids } of this.#groups) {
      const running = pids()
      const sample = { megabytes: sum(running.map(megabytesOf)), files: sum(running.map(filesOf)) }
      if (sample.megabytes > 0) this.#samples.set(name, [...(this.#samples.get(name) ?? []), sample])
    }
  }

  /** Early is the second quarter of the run, since a process fills its memory first; late is the last one. */
  get figures(): ProcessFigures[] {
    return [...this.#samples].map(([name, samples]) => {
      const quarter = Math.ceil(samples.length / 4)
      return {
        name,
        early: middleOf(samples.slice(quarter - 1, 2 * quarter)),
        late: middleOf(samples.slice(-quarter)),
        most: {
          megabytes: Math.max(...samples.map(({ megabytes }) => megabytes)),
          files: Math.max(...samples.map(({ files }) => files)),
        },
      }
    })
  }
}

const MAX_GROWTH = 1.5
const TOLERATED_MEGABYTES = 64
const TOLERATED_FILES = 64

/** What grew too much, a sentence each. */
export function growthProblems(figures: readonly ProcessFigures[]): string[] {
  return figures.flatMap(({ name, early, late }) => [
    ...(late.megabytes > early.megabytes * MAX_GROWTH + TOLERATED_MEGABYTES
      ? [`the memory of ${name} grew from ${Math.round(early.megabytes)} to ${Math.round(late.megabytes)} MB`]
      : []),
    ...(late.files > early.files + TOLERATED_FILES
      ? [`the open files of ${name} grew from ${early.files} to ${late.files}`]
      : []),
  ])
}

function middleOf(samples: readonly Sample[]): Sample {
  return {
    megabytes: median(samples.map(({ megabytes }) => megabytes)),
    files: median(samples.map(({ files }) => files)),
  }
}

function megabytesOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

function filesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
