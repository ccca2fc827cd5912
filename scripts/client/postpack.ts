// After `npm pack`: puts the repository's own manifest back.

import { restoreManifest } from './set-aside-manifest.ts'

await restoreManifest()
