// Starts the local stack and the faulty proxy once for all tests that run in the Workers runtime.

import type { TestProject } from 'vitest/node'
import { startStack } from '../../local/stack.ts'
import type {} from '../support/provided-stack.ts'
import { startFaultyStores } from './faulty-stores.ts'

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startStack({ environment: process.env })
  if (stack.demo === undefined) throw new Error('Unset DATABASE_URL: these tests fill the embedded database')
  const { bindings, demo } = stack
  const faulty = await startFaultyStores({
    postgres: demo.stores.neonEndpoint.replace(/\/sql$/, ''),
    redis: demo.stores.redisUrl,
    plausible: demo.stores.plausibleUrl,
  })
  // All through the proxy: the Neon driver has one endpoint for all databases of an isolate.
  const throughProxy = { ...bindings, NEON_ENDPOINT: `${faulty.url}/postgres/sql` }
  project.provide('stack', { bindings: throughProxy, demo, faultyUrl: faulty.url })
  return async () => {
    faulty.close()
    await stack.close()
  }
}
