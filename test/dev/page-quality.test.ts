// Every page in a browser: nothing for axe to find, no side-scrolling, nothing that its policy forbids.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { axeFindings, hasBrowser, launchBrowser, openPage, overflowOf } from '../support/browser.ts'

const { url } = inject('dev')
const PATHS = ['/', '/docs', '/docs/errors', '/docs/errors#rate_limited', '/not-found']
const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [390, 1440]
const NARROWEST = 320
const WIDEST = 3840

describe.skipIf(!hasBrowser)('page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  for (const path of PATHS) {
    for (const colorScheme of SCHEMES) {
      it.each(WIDTHS)(`${path}, ${colorScheme}, %i px: axe finds nothing`, async (width) => {
        const viewport = { width, height: 900 }
        const { page, complaints, strangers } = await openPage(browser, url + path, { colorScheme, viewport })
        expect(await axeFindings(page)).toEqual([])
        expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
        await page.context().close()
      })
    }

    it.each([NARROWEST, 390, WIDEST])(`${path}, %i px: does not scroll sideways`, async (width) => {
      const { page } = await openPage(browser, url + path, { viewport: { width, height: 900 } })
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
      expect(await overflowOf(page)).toBe(0)
      await page.context().close()
    })
  }

  it.each(SCHEMES)('/docs, %s: axe finds nothing with every part unfolded', async (colorScheme) => {
    const { page } = await openPage(browser, `${url}/docs`, { colorScheme })
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
    expect(await axeFindings(page)).toEqual([])
    await page.context().close()
  })

  it.each(SCHEMES)('/docs, %s: axe finds nothing in the form, which fits a phone', async (colorScheme) => {
    const viewport = { width: NARROWEST, height: 700 }
    const { page } = await openPage(browser, `${url}/docs`, { colorScheme, viewport })
    await page.getByRole('button', { name: 'Try it' }).nth(1).click()
    await page.getByText('Filters', { exact: true }).click()
    expect(await axeFindings(page)).toEqual([])
    expect(
      await page.evaluate(
        'document.querySelector("dialog").scrollWidth - document.querySelector("dialog").clientWidth',
      ),
    ).toBe(0)
    await page.context().close()
  })

  it('/docs on a phone: the contents open, lead to a section, and close', async () => {
    const { page } = await openPage(browser, `${url}/docs`, { viewport: { width: 390, height: 844 } })
    const contents = page.getByRole('navigation', { name: 'Contents' })
    expect(await contents.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Contents' }).click()
    expect(await axeFindings(page)).toEqual([])
    await contents.getByRole('link', { name: 'Your jobs' }).click()
    await contents.waitFor({ state: 'hidden' })
    const heading = page.getByRole('heading', { name: 'Your jobs' })
    const { y = -1 } = (await heading.boundingBox()) ?? {}
    expect(y).toBeGreaterThan(0)
    expect(y).toBeLessThan(400)
    await page.context().close()
  })

  it('/docs without scripts: shows every endpoint, and each sample when it is chosen', async () => {
    const { page } = await openPage(browser, `${url}/docs`, { javaScriptEnabled: false })
    const section = page.getByRole('region', { name: 'Visitors of job postings' })
    expect(await section.getByText('urllib.request.urlopen').isVisible()).toBe(false)
    await section.getByRole('radio', { name: 'Python' }).check({ force: true })
    await section.getByText('urllib.request.urlopen').waitFor()
    expect(await page.getByRole('button', { name: 'Try it' }).count()).toBe(0)
    await page.context().close()
  })

  it('the first Tab of every page: a link that moves the focus to the content', async () => {
    // An anchor in the address moves the start of the Tab order.
    for (const path of PATHS.filter((each) => !each.includes('#'))) {
      const { page } = await openPage(browser, url + path)
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent'), path).toBe('Skip to the content')
      await page.keyboard.press('Enter')
      expect(await page.evaluate('document.activeElement.id'), path).toBe('content')
      await page.context().close()
    }
  })
})
