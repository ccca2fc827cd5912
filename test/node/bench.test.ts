import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { median, percentile } from '../../harness/statistics.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')

function startBench(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args])
}

async function outcome(child: ChildProcess) {
  const [out, err, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'exit'),
  ])
  return { out, err, code }
}

/** The command lines of the processes that run in a directory of the benchmark. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        // It has ended since it was listed.
        return []
      }
    })
    .filter((line) => line.includes(directory))
}

describe.runIf(process.platform === 'linux')('npm run bench', () => {
  it('with --quick --heap --json: prints every figure and which targets are met', {
    timeout: 240_000,
  }, async () => {
    const { out, err, code } = await outcome(startBench('--quick', '--heap', '--json'))
    expect(err).toBe('')
    expect(code).toBe(0)
    const report = JSON.parse(out)
    expect(report).toMatchObject({
      quick: true,
      machine: { cores: expect.any(Number) },
      hour: { requests: 300, redisCommandsRun: { cold: expect.any(Number), warm: expect.any(Number) } },
      sql: { smallJobs: 1_000, largeJobs: 10_000 },
    })
    const madeByUs = report.requestsMade.filter((made: { variant: string }) => made.variant === 'ours')
    expect(madeByUs).toEqual([
      { variant: 'ours', cache: 'cold', subrequests: 4, redisCommands: 13 },
      { variant: 'ours', cache: 'warm', subrequests: 3, redisCommands: 8 },
    ])
    expect(report.hops).toHaveLength(5)
    for (const { hops } of report.hops) expect(hops).toBeGreaterThan(1)
    expect(report.cpu).toHaveLength(4)
    for (const { microseconds } of report.cpu) {
      for (const used of Object.values(microseconds)) expect(used).toBeGreaterThan(50)
    }
    expect(report.hour).toMatchObject({ storeQueries: 4, dayRequests: 852, dayStoreQueries: 12 })
    // Each of 20 organizations: at noon, after midnight, and once more when late events have arrived.
    expect(report.day).toEqual({
      organizations: 20,
      requests: 480,
      wrong: 0,
      storeQueries: 60,
      busiestHourQueries: 20,
      refusedQueries: 0,
    })
    // The greedy organization has its share, and all that the others leave of the other half.
    expect(report.greedy).toMatchObject({ others: 49, othersRequests: 2_940, wrong: 0, refusedQueries: 0 })
    expect(report.greedy.greedyRequests).toBe(1_200)
    expect(report.greedy.greedyQueries).toBeGreaterThan(200)
    expect(report.greedy.greedyStatuses).toEqual({
      200: report.greedy.greedyQueries,
      503: 1_200 - report.greedy.greedyQueries,
    })
    expect(report.greedy.storeQueries).toBe(report.greedy.greedyQueries + 49 * 5)
    expect(report.heap.points).toHaveLength(10)
    for (const { megabytes } of report.heap.points) expect(megabytes).toBeGreaterThan(1)
    expect(report.bundle.gzipBytes).toBeGreaterThan(10_000)
    expect(report.startUp.medianMs).toBeGreaterThan(1)
    expect(report.siblingHops.map(({ planned }: { planned: number }) => planned)).toEqual([1, 2, 1, 2])
    expect(report.targets).toHaveLength(26)
    for (const { value, limit, met } of report.targets) expect(met).toBe(value <= limit)
  })

  it('ended by SIGINT: leaves no process and no file behind', { timeout: 60_000 }, async () => {
    const before = new Set(readdirSync(tmpdir()))
    const child = startBench('--quick')
    const ended = outcome(child)
    const own = () => readdirSync(tmpdir()).filter((name) => name.startsWith('bench-') && !before.has(name))
    await expect.poll(own, { timeout: 20_000 }).toHaveLength(1)
    const [directory = ''] = own()
    await expect.poll(() => processesOf(directory).length, { timeout: 20_000 }).toBeGreaterThan(0)
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    await expect.poll(() => processesOf(directory), { timeout: 10_000 }).toEqual([])
    expect(own()).toEqual([])
  })

  it('with an unknown argument: fails with one line that names it', async () => {
    const { err, code } = await outcome(startBench('--fast'))
    expect(code).toBe(1)
    expect(err).toBe("Unknown option '--fast': see npm run bench -- --help\n")
  })
})

describe('percentile and median', () => {
  it('return one of the values, and throw a RangeError on no values', () => {
    const values = [4, 1, 3, 2]
    expect(median(values)).toBe(2)
    expect(percentile(values, 0.99)).toBe(4)
    expect(percentile(values, 0)).toBe(1)
    expect(() => median([])).toThrow(RangeError)
  })
})
