// Every file of the site, by its path below public/.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openApiText } from '../generated-files.ts'
import { bundleAssets } from './asset-bundle.ts'
import { errorPage } from './error-page.ts'
import { landingPage } from './landing-page.ts'
import { notFoundPage } from './not-found-page.ts'
import type { ReferenceDocument } from './reference-document.ts'
import { referencePage } from './reference-page.ts'

const SITE = join(import.meta.dirname, '..', '..', 'site')
/** Served as they are. `look.css` has a name without a hash for the pages that the Worker itself writes. */
const COPIED = ['_headers', 'favicon.ico', 'robots.txt', 'assets/icon.svg', 'assets/look.css']

/** Builds them. The same sources give the same files. */
export async function siteFiles(): Promise<Map<string, string | Uint8Array>> {
  const openApi = openApiText()
  const document = JSON.parse(openApi) as ReferenceDocument
  const { files: bundles, assets } = await bundleAssets()
  const copies = COPIED.map(async (path) => [path, await readFile(join(SITE, path))] as const)
  return new Map<string, string | Uint8Array>([
    ['openapi.json', openApi],
    ['index.html', await landingPage(assets)],
    ['docs.html', await referencePage(document, assets)],
    ['docs/errors.html', await errorPage(document, assets)],
    ['not-found.html', await notFoundPage(assets)],
    ...bundles,
    ...(await Promise.all(copies)),
  ])
}
