// Opens the pages of the console as people of an organization do: by a link that the platform signs.

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { type SignInClaims, signInLink } from '../../scripts/pages/sign-in-link.ts'
import { type OpenPage, openPage } from './browser.ts'

/** Who signs in, where they go, and the browser that they use. */
export interface Visitor extends SignInClaims {
  options?: BrowserContextOptions
}

const SIGN_INS = 5

/**
 * Opens a page of the console in a profile of its own, signed in. A store may be slow on a busy machine; the page then says to
 * open the console again, and this does so with a new link.
 */
export async function openConsole(
  browser: Browser,
  address: { url: string; consoleSecret: string },
  visitor: Visitor,
): Promise<OpenPage> {
  for (let signIn = 1; ; signIn++) {
    const opened = await openPage(browser, await signInLink(address, visitor), visitor.options)
    const isUnavailable = await opened.page
      .getByText('Signing in is not possible right now')
      .first()
      .isVisible()
    if (!isUnavailable || signIn === SIGN_INS) return opened
    await opened.page.context().close()
  }
}

/** Waits until the page has the figures of its address. */
export async function settled(page: Page): Promise<void> {
  // Before the session is read there is neither a heading nor anything that waits for figures.
  await page.locator('main h1').waitFor()
  await expect.poll(() => page.locator('[aria-busy="true"], .skeleton').count(), { timeout: 30_000 }).toBe(0)
}

/** Complaints without those about the store, which may be slow on a busy machine; the page then asks again. */
export function realComplaints(complaints: readonly string[]): string[] {
  return complaints.filter((text) => !/status of 50[24]/.test(text))
}
