// "Try it" on the reference, in a browser against the running product.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { hasBrowser, launchBrowser, openPage } from '../support/browser.ts'

const { url, organizations } = inject('dev')
const [, organization] = organizations
const apiKey = organization?.apiKey ?? ''

describe.skipIf(!hasBrowser)('reference form', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  /** Opens the form of the operation whose section has this title. */
  async function openForm(page: Page, title: string) {
    await page.getByRole('region', { name: title }).getByRole('button', { name: 'Try it' }).click()
    return page.getByRole('dialog', { name: title })
  }

  /** Sends the request. Resolves to its path and parameters when its response is shown. */
  async function send(page: Page, path: string) {
    const responded = page.waitForResponse((response) => new URL(response.url()).pathname === path)
    await page.getByRole('button', { name: 'Send' }).click()
    const response = await responded
    await page
      .getByRole('status')
      .filter({ hasText: String(response.status()) })
      .waitFor()
    return { status: response.status(), parameters: new URL(response.url()).searchParams, response }
  }

  it('fills in jobs of the key, sends a request with the key, and shows the figures', async () => {
    const { page, complaints, strangers } = await openPage(browser, `${url}/docs`)
    const dialog = await openForm(page, 'Visitors of job postings')
    expect(await page.evaluate('document.activeElement.id')).toBe('api-key')
    await dialog.getByLabel('API key', { exact: true }).fill(apiKey)
    await page.keyboard.press('Tab')
    await expect.poll(() => dialog.getByLabel('jobIds').inputValue()).not.toBe('')
    const { status, parameters, response } = await send(page, '/analytics/jobs')
    expect({ status, names: [...parameters.keys()] }).toEqual({ status: 200, names: ['jobIds'] })
    const jobIds = parameters.get('jobIds')?.split(',') ?? []
    expect(jobIds).toHaveLength(3)
    for (const id of jobIds) expect(organization?.jobs.map((job) => job.id)).toContain(id)
    const shown = JSON.parse((await page.locator('#try-body').textContent()) ?? '')
    expect(shown).toEqual(await response.json())
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
    await page.context().close()
  })

  it('sends only what was chosen, lists as one value', async () => {
    const { page, complaints } = await openPage(browser, `${url}/docs`)
    const dialog = await openForm(page, 'Figures of the whole site')
    await dialog.getByLabel('API key', { exact: true }).fill(apiKey)
    expect([...(await send(page, '/analytics/site')).parameters.keys()]).toEqual([])
    await dialog.getByRole('checkbox', { name: 'visitors' }).check()
    await dialog.getByRole('checkbox', { name: 'pageviews' }).check()
    await dialog.getByLabel('group_by').selectOption('country')
    await dialog.getByText('Filters', { exact: true }).click()
    await dialog.getByLabel('device', { exact: true }).fill('Mobile')
    const { status, parameters } = await send(page, '/analytics/site')
    expect({ status, sent: Object.fromEntries(parameters) }).toEqual({
      status: 200,
      sent: { metrics: 'visitors,pageviews', group_by: 'country', device: 'Mobile' },
    })
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('shows an error as the API sends it, here for a key that is wrong', async () => {
    const { page } = await openPage(browser, `${url}/docs`)
    const dialog = await openForm(page, 'Your jobs')
    await dialog.getByLabel('API key', { exact: true }).fill('jak_wrong')
    const { status } = await send(page, '/jobs')
    expect(status).toBe(401)
    await dialog.getByText('"invalid_api_key"').waitFor()
    await page.context().close()
  })

  it('sends a request without a key where none is needed', async () => {
    const { page } = await openPage(browser, `${url}/docs`)
    const dialog = await openForm(page, 'Is the API running?')
    expect(await dialog.getByLabel('API key', { exact: true }).isVisible()).toBe(false)
    const { status, response } = await send(page, '/health')
    expect(status).toBe(200)
    expect(await response.request().headerValue('x-api-key')).toBeNull()
    await page.context().close()
  })

  it('keeps the key in the tab only, and closes with Escape', async () => {
    const { page } = await openPage(browser, `${url}/docs`)
    const dialog = await openForm(page, 'Your jobs')
    await dialog.getByLabel('API key', { exact: true }).fill(apiKey)
    await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(false)
    await page.reload()
    await openForm(page, 'Your jobs')
    expect(await page.locator('#api-key').inputValue()).toBe(apiKey)
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('jak_')
    const other = await page.context().newPage()
    await other.goto(`${url}/docs`)
    expect(await other.locator('#api-key').inputValue()).toBe('')
    await page.context().close()
  })
})
