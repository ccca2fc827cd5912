// Finds the browser for screenshots, measurements and tests of pages.

import { existsSync } from 'node:fs'

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** What to do if there is no browser. */
export const NO_BROWSER =
  'No browser found. Install one (apt-get install chromium), or set CHROMIUM to the path of one.'

/** The path of a Chromium: the one that `CHROMIUM` names, or one that is installed; undefined if there is none. */
export function browserPath(): string | undefined {
  return process.env['CHROMIUM'] ?? BROWSERS.find(existsSync)
}
