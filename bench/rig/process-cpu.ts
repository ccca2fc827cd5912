// How much CPU time a process has used, from Linux's /proc.

import { readdir, readFile } from 'node:fs/promises'

/**
 * Microseconds on a CPU, in user and kernel mode together, of all living threads of a process
 * (the first field of `/proc/<pid>/task/<tid>/schedstat`, nanoseconds; `/proc/<pid>/stat` counts in steps of 10 ms).
 */
export async function cpuMicroseconds(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`
  const threads = await readdir(tasks).catch(() => {
    throw new Error('CPU time is read from /proc: run the benchmark on Linux')
  })
  const times = await Promise.all(threads.map((thread) => readFile(`${tasks}/${thread}/schedstat`, 'utf8')))
  return times.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1_000
}
