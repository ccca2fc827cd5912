// What the scripts that open pages need of a running `npm run dev`: its demo, and a browser.

import { readFile } from 'node:fs/promises'
import { DEMO_FILE } from '../../local/demo-file.ts'
import { type DemoFile, demoSchema } from '../../local/demo-schema.ts'
import { browserPath, NO_BROWSER } from './browser-path.ts'

/** The browser, and the demo of this file or of the standard one. Throws an error that says what is missing. */
export async function localDemo(path = DEMO_FILE): Promise<{ demo: DemoFile; executablePath: string }> {
  const executablePath = browserPath()
  if (executablePath === undefined) throw new Error(NO_BROWSER)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`${path} cannot be read. Start npm run dev, or name its demo file.`)
  })
  return { demo: demoSchema.parse(JSON.parse(text)), executablePath }
}
