import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { AnalyticsClient, type Job, type Period } from '../../src/client.ts'

const run = promisify(execFile)
const { url, organizations, clientProject } = inject('dev')
const apiKey = organizations[1]?.apiKey ?? ''
const client = new AnalyticsClient({ baseUrl: url, apiKey })

/** What an example prints, run where nothing but the packed client is installed. */
async function output(name: string, ...parameters: string[]): Promise<string> {
  const env = { ...process.env, ANALYTICS_URL: url, ANALYTICS_API_KEY: apiKey }
  const script = join('examples', `${name}.ts`)
  const { stdout } = await run(process.execPath, [script, ...parameters], { cwd: clientProject, env })
  return stdout.trimEnd()
}

let active: Job[]

/** Visitors of the active jobs, straight from the API, the most visited first. */
async function expected(period: Period): Promise<{ title: string; visitors: number }[]> {
  const search = new URLSearchParams({ jobIds: active.map(({ id }) => id).join(','), period })
  const answer = await fetch(`${url}/analytics/jobs?${search}`, { headers: { 'x-api-key': apiKey } })
  const { data } = (await answer.json()) as { data: { visitors: Record<string, number> } }
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

describe('the examples', () => {
  it('dashboard: a row for each active job with its visitors', async () => {
    const rows = (await output('dashboard', '7d')).split('\n')
    const wanted = await expected('7d')
    expect(wanted.some(({ visitors }) => visitors > 0)).toBe(true)
    expect(rows.map((row) => row.trim())).toEqual(
      wanted.map(({ title, visitors }) => `${visitors}  ${title}`),
    )
  })

  it('weekly-report: the total and the ten most visited, as Markdown', async () => {
    const text = await output('weekly-report')
    const wanted = await expected('7d')
    const total = wanted.reduce((sum, { visitors }) => sum + visitors, 0)
    expect(text).toContain(`**${total}** visitors on ${active.length} active jobs.`)
    const rows = text.split('\n').slice(6)
    expect(rows.map((row) => Number(row.split('|').at(-2)))).toEqual(
      wanted.slice(0, 10).map(({ visitors }) => visitors),
    )
  })

  it('weekly-report: the same as CSV', async () => {
    const lines = (await output('weekly-report', 'csv')).split('\r\n')
    const wanted = await expected('7d')
    expect(lines[0]).toBe('job,url,visitors')
    expect(lines.slice(1, -1).map((line) => Number(line.split(',').at(-1)))).toEqual(
      wanted.slice(0, 10).map(({ visitors }) => visitors),
    )
    expect(lines.at(-1)).toMatch(/^"All active jobs","",\d+$/)
  })

  it('compare-periods: the average a day of both periods, and the trend', async () => {
    const lines = (await output('compare-periods')).split('\n').slice(1)
    expect(lines).toHaveLength(active.length)
    const month = await expected('30d')
    const week = new Map((await expected('7d')).map(({ title, visitors }) => [title, visitors]))
    for (const { title, visitors } of month) {
      const perDay = [(week.get(title) ?? 0) / 7, visitors / 30].map((value) => value.toFixed(1))
      const line = lines.find((text) => text.endsWith(`  ${title}`))
      expect(line?.trim().split(/\s+/).slice(0, 2), title).toEqual(perDay)
      expect(line).toMatch(/ (–|new|[→↑↓] \d+%) {2}/)
    }
  })

  it('say what is missing where there is nothing to ask', async () => {
    const env = { PATH: process.env['PATH'] }
    const failed = run(process.execPath, [join('examples', 'dashboard.ts')], { cwd: clientProject, env })
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run dev') })
  })
})
