// The Worker's analytics store, opened for a command.
import type { AnalyticsStore } from '../../src/analytics/analytics-store.ts'
import { diagnosePlausible } from '../../src/analytics/plausible-diagnosis.ts'
import { plausibleStore } from '../../src/analytics/plausible-store.ts'
import { plausibleV1Store } from '../../src/analytics/plausible-v1-store.ts'
import { inspectSettings } from '../../src/config.ts'
import { StoreError } from '../../src/stores/store-error.ts'
import { AdminError } from './admin-error.ts'
import type { Settings } from './settings.ts'

/** The store, its address and API, and which of its values stand for a job: `event:page` or `event:props:<name>`. */
export interface OpenedStore {
  store: AnalyticsStore
  jobDimension: string
  url: string
  api: 'v1' | 'v2'
}

/** Prepares the store; nothing is sent yet. Returns undefined when its bindings are missing or wrong. */
export function openAnalyticsStore(settings: Settings, timeoutMs: number): OpenedStore | undefined {
  const { right } = inspectSettings(settings)
  const { PLAUSIBLE_URL: url, PLAUSIBLE_API_KEY: apiKey } = right
  const { ANALYTICS_JOB_DIMENSION: jobDimension, ANALYTICS_API: api } = right
  if (!url || !apiKey || !jobDimension || !api) return undefined
  const open = api === 'v1' ? plausibleV1Store : plausibleStore
  return { store: open({ url, apiKey, jobDimension, timeoutMs }), jobDimension, url, api }
}

/** Turns an error of the store into one line that says what to do. Rethrows any other error. */
export function explainStoreError(error: unknown, site: string, api: OpenedStore['api']): AdminError {
  if (!(error instanceof StoreError)) throw error
  const { subject, problem } = diagnosePlausible(error.fault, api)
  const about =
    subject === 'server' ? 'The analytics store cannot be used' : `The analytics store refuses ${site}`
  return new AdminError('unavailable', `${about}: ${problem}`)
}
