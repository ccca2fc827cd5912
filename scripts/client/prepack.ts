// Builds the client before `npm pack` collects its files.

import { buildClient } from './build-client.ts'

await buildClient()
