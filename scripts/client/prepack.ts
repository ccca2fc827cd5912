// Before `npm pack`: builds the client and puts its manifest in place of the repository's, which `postpack.ts` puts back.

import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { buildClient } from './build-client.ts'
import { clientManifest } from './manifest.ts'
import { MANIFEST, restoreManifest, SET_ASIDE } from './set-aside-manifest.ts'

await restoreManifest()
await buildClient()
const manifest = JSON.parse(await readFile(MANIFEST, 'utf8'))
await copyFile(MANIFEST, SET_ASIDE)
await writeFile(MANIFEST, clientManifest(manifest))
