// Runs each of the examples as a reader would, against the running product.

import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DateTime } from 'luxon'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient, type Job, type Period } from '../../packages/client/src/index.ts'

const run = promisify(execFile)
const { url, organizations, clientProject } = inject('dev')
const apiKey = organizations[1]?.apiKey ?? ''
const client = new AnalyticsClient({ baseUrl: url, apiKey })

/** What an example prints in a project in which only the packed client is installed. */
async function output(name: string, ...parameters: string[]): Promise<string> {
  const env = { ...process.env, ANALYTICS_URL: url, ANALYTICS_API_KEY: apiKey }
  const script = join('examples', `${name}.ts`)
  const { stdout } = await run(process.execPath, [script, ...parameters], { cwd: clientProject, env })
  return stdout.trimEnd()
}

let active: Job[]

/** Visitors of the active jobs as the API returns them, the most visited first. */
async function expected(period: Period): Promise<{ title: string; visitors: number }[]> {
  const search = new URLSearchParams({ jobIds: active.map(({ id }) => id).join(','), period })
  const response = await fetch(`${url}/analytics/jobs?${search}`, { headers: { 'x-api-key': apiKey } })
  const { data } = (await response.json()) as { data: { visitors: Record<string, number> } }
  return active
    .map(({ id, title }) => ({ title, visitors: data.visitors[id] ?? Number.NaN }))
    .toSorted((a, b) => b.visitors - a.visitors)
}

beforeAll(async () => {
  await cp(join(import.meta.dirname, '..', '..', 'examples'), join(clientProject, 'examples'), {
    recursive: true,
  })
  active = []
  for await (const job of client.jobs({ status: 'active' })) active.push(job)
})

describe('examples', () => {
  it('dashboard: prints a row with its visitors for each active job', async () => {
    const rows = (await output('dashboard', '7d')).split('\n')
    const wanted = await expected('7d')
    expect(wanted.some(({ visitors }) => visitors > 0)).toBe(true)
    expect(rows.map((row) => row.trim())).toEqual(
      wanted.map(({ title, visitors }) => `${visitors}  ${title}`),
    )
  })

  it('weekly-report: prints the total and the ten most visited jobs as Markdown', async () => {
    const text = await output('weekly-report')
    const wanted = await expected('7d')
    const total = wanted.reduce((sum, { visitors }) => sum + visitors, 0)
    expect(text).toContain(`**${total}** visitors on ${active.length} active jobs.`)
    const rows = text.split('\n').slice(6)
    expect(rows.map((row) => Number(row.split('|').at(-2)))).toEqual(
      wanted.slice(0, 10).map(({ visitors }) => visitors),
    )
  })

  it('weekly-report csv: prints the same as CSV', async () => {
    const lines = (await output('weekly-report', 'csv')).split('\r\n')
    const wanted = await expected('7d')
    expect(lines[0]).toBe('job,url,visitors')
    expect(lines.slice(1, -1).map((line) => Number(line.split(',').at(-1)))).toEqual(
      wanted.slice(0, 10).map(({ visitors }) => visitors),
    )
    expect(lines.at(-1)).toMatch(/^"All active jobs","",\d+$/)
  })

  it('compare-periods: compares the last 7 days with the 7 days before', async () => {
    const lines = (await output('compare-periods')).split('\n').slice(1)
    expect(lines).toHaveLength(active.length)
    const search = new URLSearchParams({
      jobIds: active.map(({ id }) => id).join(','),
      period: '30d',
      interval: 'day',
    })
    const response = await fetch(`${url}/analytics/jobs?${search}`, { headers: { 'x-api-key': apiKey } })
    const { data } = (await response.json()) as {
      data: { series: Record<string, { date: string; visitors: number }[]> }
    }
    const yesterday = DateTime.now().setZone('America/New_York').minus({ days: 1 }).toISODate()
    let compared = 0
    for (const { id, title } of active) {
      const days = data.series[id] ?? []
      expect(days.at(-1)?.date).toBe(yesterday)
      const sum = (from: number, to: number) =>
        days.slice(days.length - from, days.length - to).reduce((total, { visitors }) => total + visitors, 0)
      const line = lines.find((text) => text.endsWith(`  ${title}`))
      expect(line?.trim().split(/\s+/).slice(0, 2).map(Number), title).toEqual([sum(7, 0), sum(14, 7)])
      expect(line).toMatch(/ (–|new|[→↑↓] \d+%) {2}/)
      if (sum(14, 7) > 0) compared++
    }
    expect(compared).toBeGreaterThan(0)
    // The weeks are alike in the demo, so most jobs neither triple nor disappear.
    const tripled = lines.filter((line) => /↑ ([2-9]\d\d|\d{4,})%/.test(line))
    expect(tripled.length).toBeLessThan(lines.length / 2)
  })

  it.each([
    ['dashboard', '1y', '7d, 30d, 6mo, 12mo'],
    ['weekly-report', 'pdf', 'markdown, csv'],
    ['compare-periods', '7d', 'takes no parameters'],
  ])('%s %s: is refused with what is allowed', async (name, parameter, allowed) => {
    await expect(output(name, parameter)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(allowed),
    })
  })

  it('no API and no demo: says what to set', async () => {
    const env = { PATH: process.env['PATH'] }
    const failed = run(process.execPath, [join('examples', 'dashboard.ts')], { cwd: clientProject, env })
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run dev') })
  })
})
