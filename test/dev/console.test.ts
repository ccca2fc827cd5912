// The console in a browser against the running product: what people see, filter, download, and do with API keys.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { DateTime } from 'luxon'
import type { Browser, Download, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { signInLink } from '../../scripts/pages/sign-in-link.ts'
import { hasBrowser, launchBrowser, openPage } from '../support/browser.ts'
import { openConsole, realComplaints, settled, type Visitor } from '../support/console-pages.ts'

const run = promisify(execFile)
const { url, organizations, secrets, stores, consoleLink } = inject('dev')
const address = { url, consoleSecret: secrets.consoleSecret }
const [, site] = organizations
const { id: organizationId = '', domain = '', apiKey = '' } = site ?? {}
/** The time zone of this site. */
const ZONE = 'America/New_York'

/** The API's response to a request with the site's key. */
async function api(path: string, accept = 'application/json'): Promise<Response> {
  const response = await fetch(url + path, { headers: { 'x-api-key': apiKey, accept } })
  expect(response.status, path).toBe(200)
  return response
}

/** Visitors between two points in time, counted in the events that the stand-in stores. */
async function visitorsBetween(from: DateTime, until: DateTime): Promise<number> {
  const sql = `select count(distinct visitor) as visitors from visits where domain = '${domain}'
    and timestamp >= ${from.toUnixInteger()} and timestamp < ${until.toUnixInteger()}`
  const response = await fetch(`${stores.plausibleUrl}/local/sql`, {
    method: 'POST',
    body: JSON.stringify({ sql }),
  })
  const { rows } = (await response.json()) as { rows: { visitors: number }[] }
  return Number(rows[0]?.visitors)
}

async function numberOf(locator: Locator): Promise<number> {
  return Number((await locator.innerText()).replaceAll(',', ''))
}

function totalOf(page: Page, name: string): Locator {
  return page.getByRole('button', { name: new RegExp(`^${name}`) }).locator('.total-value')
}

async function textOf(download: Promise<Download>): Promise<string> {
  const file = await download
  return readFile(await file.path(), 'utf8')
}

describe.skipIf(!hasBrowser)('console', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  const open = (visitor: Partial<Visitor> = {}) =>
    openConsole(browser, address, { organizationId, ...visitor })

  it('sign-in: the printed link opens the console of the first organization, as often as it is opened', async () => {
    for (const time of ['first', 'second']) {
      const { page } = await openPage(browser, url)
      await page.goto(consoleLink)
      expect(new URL(page.url()).pathname, time).toBe('/console')
      await page.getByRole('link', { name: organizations[0]?.name ?? '' }).waitFor()
    }
  })

  it('overview: totals and chart equal a count by hand, and nothing comes from another origin', async () => {
    const { page, complaints, strangers } = await open()
    expect(new URL(page.url()).pathname).toBe('/console')
    await page.getByRole('button', { name: '7 days' }).click()
    await page.waitForURL(/period=7d/)
    await settled(page)
    const today = DateTime.now().setZone(ZONE).startOf('day')
    const first = today.minus({ days: 7 })
    expect(await numberOf(totalOf(page, 'Visitors'))).toBe(await visitorsBetween(first, today))
    await page.getByText('Show as a table').click()
    const rows = page.locator('.figures tbody tr')
    expect(await rows.count()).toBe(7)
    for (let index = 0; index < 7; index++) {
      const day = first.plus({ days: index })
      const counted = [day, day.minus({ days: 7 })].map((start) =>
        visitorsBetween(start, start.plus({ days: 1 })),
      )
      const cells = rows.nth(index).getByRole('cell')
      expect(await cells.allInnerTexts(), day.toISODate() ?? '').toEqual(
        (await Promise.all(counted)).map(String),
      )
    }
    expect({ complaints: realComplaints(complaints), strangers }).toEqual({ complaints: [], strangers: [] })
  })

  it('overview: a click filters, the filter survives a reload, and back removes it', async () => {
    const { page, complaints } = await open()
    await settled(page)
    const all = await numberOf(totalOf(page, 'Visitors'))
    const source = page.getByRole('region', { name: 'Sources' }).getByRole('link').first()
    const name = await source.locator('.bar-label').innerText()
    await source.click()
    await page.waitForURL(/source=/)
    await settled(page)
    const chip = page.getByRole('list', { name: 'Filters' }).getByText(name)
    await chip.waitFor()
    const search = new URLSearchParams({ period: '30d', source: name })
    const { data } = (await (await api(`/analytics/site?${search}`)).json()) as {
      data: { totals: { visitors: number } }
    }
    expect(await numberOf(totalOf(page, 'Visitors'))).toBe(data.totals.visitors)
    expect(data.totals.visitors).toBeLessThan(all)
    await page.reload()
    await settled(page)
    await chip.waitFor()
    expect(await numberOf(totalOf(page, 'Visitors'))).toBe(data.totals.visitors)
    await page.goBack()
    await chip.waitFor({ state: 'detached' })
    await settled(page)
    expect(await numberOf(totalOf(page, 'Visitors'))).toBe(all)
    expect(realComplaints(complaints)).toEqual([])
  })

  it('jobs: a search finds the jobs that the API finds, and each opens a page with its figures', async () => {
    const { page, complaints } = await open({ path: '/console/jobs' })
    const list = page.getByRole('region', { name: 'Jobs' })
    await list.getByRole('row').nth(1).waitFor()
    const word = site?.jobs[0]?.title.split(' ')[0] ?? ''
    await page.getByLabel('Search titles').fill(word)
    await page.getByLabel('Sort by').selectOption('Most visitors')
    await page.waitForURL(/q=.*sort=-visitors|sort=-visitors.*q=/)
    await settled(page)
    const search = new URLSearchParams({ q: word, sort: '-visitors', include: 'visitors', per_page: '50' })
    const { data } = (await (await api(`/jobs?${search}`)).json()) as {
      data: { id: string; title: string; visitors: number }[]
    }
    expect(data.length).toBeGreaterThan(0)
    expect(await list.locator('tbody th').allInnerTexts()).toEqual(data.map(({ title }) => title))
    expect(await list.locator('[data-label="Visitors"]').allInnerTexts()).toEqual(
      data.map(({ visitors }) => visitors.toLocaleString('en-US')),
    )
    await list.getByRole('link').first().click()
    await page.getByRole('heading', { level: 1, name: data[0]?.title ?? '', exact: true }).waitFor()
    await settled(page)
    expect(await numberOf(totalOf(page, 'Visitors'))).toBe(data[0]?.visitors)
    expect(await page.getByRole('region', { name: 'Sources' }).getByRole('link').count()).toBeGreaterThan(0)
    expect(realComplaints(complaints)).toEqual([])
  })

  it('CSV: the files hold what the API sends for what is shown', async () => {
    const { page, complaints } = await open({ path: '/console/jobs?status=active&sort=title' })
    const jobs = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV file of this page of jobs' }).click()
    const query = 'status=active&sort=title&per_page=50&include=visitors%2Capplications'
    expect(await textOf(jobs)).toBe(await (await api(`/jobs?${query}`, 'text/csv')).text())
    await page.goto(`${url}/console?period=7d`)
    await settled(page)
    const sources = page.waitForEvent('download')
    await page.getByRole('button', { name: 'CSV file of Sources' }).click()
    const groups = 'period=7d&metrics=visitors&group_by=source&limit=8'
    expect(await textOf(sources)).toBe(await (await api(`/analytics/site?${groups}`, 'text/csv')).text())
    expect(realComplaints(complaints)).toEqual([])
  })

  /** The status that the shown command gets from the API. */
  async function statusOf(command: string): Promise<number> {
    const { stdout } = await run('sh', ['-c', `${command} -s -o /dev/null -w '%{http_code}'`])
    return Number(stdout)
  }

  /** Reads the command of the dialog that shows a new key, and closes it. */
  async function takeCommand(page: Page): Promise<string> {
    const dialog = page.getByRole('dialog', { name: /^Your key/ })
    const key = await dialog.locator('.secret').innerText()
    const command = await dialog.locator('.command').innerText()
    expect(key).toMatch(/^jak_[0-9A-Za-z]{42}$/)
    expect(command).toContain(key)
    await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(true)
    await dialog.getByRole('button', { name: 'I have copied the key' }).click()
    return command
  }

  it('API keys: a key is created, works, is rotated with both working, and is refused once it is revoked', async () => {
    const { page, complaints } = await open({ path: '/console/settings/keys' })
    const name = `Report ${Date.now()}`
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Expires').selectOption('In 90 days')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    const first = await takeCommand(page)
    expect(await statusOf(first)).toBe(200)

    const rows = page.getByRole('table', { name: 'API keys', exact: true }).getByRole('row', { name })
    expect(await rows.getByText('Active').count()).toBe(1)
    await page.getByRole('button', { name: `Rotate ${name}` }).click()
    await page.getByLabel('The old key keeps working for').selectOption('One hour')
    await page.getByRole('button', { name: 'Rotate', exact: true }).click()
    const second = await takeCommand(page)
    expect(second).not.toBe(first)
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])

    const old = rows.filter({ hasText: 'Expiring' })
    await old.getByRole('button', { name: 'Revoke' }).click()
    const question = page.getByRole('dialog', { name: `Revoke “${name}”?` })
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(await statusOf(first)).toBe(200)
    await old.getByRole('button', { name: 'Revoke' }).click()
    await question.getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText(`The key “${name}” was revoked.`).waitFor()
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200])

    const changes = page.getByRole('table', { name: 'Changes of API keys' }).getByRole('row', { name })
    await changes.nth(2).waitFor()
    expect(await changes.locator('[data-label="Change"]').allInnerTexts()).toEqual([
      'Revoked',
      'Rotated',
      'Created',
    ])
    expect(realComplaints(complaints)).toEqual([])
  })

  it('usage: shows the requests of a new key', async () => {
    const { page, complaints } = await open({ path: '/console/settings/keys' })
    const name = `Counted ${Date.now()}`
    await page.getByRole('button', { name: 'Create a key' }).click()
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    const command = await takeCommand(page)
    for (let count = 0; count < 3; count++) expect(await statusOf(command)).toBe(200)
    const row = page.getByRole('region', { name: 'Requests by key' }).getByRole('row', { name })
    await expect
      .poll(
        async () => {
          await page.goto(`${url}/console/usage`)
          await page.getByRole('region', { name: 'Requests by key' }).waitFor()
          return row.locator('[data-label="All"]').allInnerTexts()
        },
        { timeout: 20_000 },
      )
      .toEqual(['3'])
    expect(realComplaints(complaints)).toEqual([])
  })

  it('API keys: a viewer sees them, has no buttons that change them, and is refused by the API', async () => {
    const { page } = await open({ path: '/console/settings/keys', role: 'viewer' })
    await page.getByRole('table', { name: 'API keys', exact: true }).waitFor()
    await page.getByText('your role is viewer').waitFor()
    expect(await page.getByRole('button', { name: /Create|Rotate|Revoke/ }).count()).toBe(0)
    const refused = await page.evaluate(async () => {
      const list = (await (await fetch('/keys')).json()) as { data: { id: string }[] }
      const path = `/keys/${list.data[0]?.id}`
      const json = { 'content-type': 'application/json' }
      const responses = await Promise.all([
        fetch('/keys', { method: 'POST', headers: json, body: JSON.stringify({ name: 'Mine' }) }),
        fetch(`${path}/rotate`, { method: 'POST', headers: json, body: '{}' }),
        fetch(path, { method: 'DELETE' }),
      ])
      return Promise.all(
        responses.map(async (response) => {
          const { error } = (await response.json()) as { error: { code: string } }
          return [response.status, error.code]
        }),
      )
    })
    expect(refused).toEqual(Array.from({ length: 3 }, () => [403, 'role_required']))
  })

  it('sign-out: ends the session, and the page says how to sign in again', async () => {
    const { page } = await open()
    await settled(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await page.goto(`${url}/console/jobs`)
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  it('sign-in: a link that was used shows a page that says why not and what to do', async () => {
    const { page, complaints } = await openPage(browser, url)
    const link = await signInLink(address, { organizationId })
    await page.goto(link)
    await settled(page)
    await page.goto(link)
    await page.getByRole('heading', { name: 'This link was used already' }).waitFor()
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([])
  })
})
