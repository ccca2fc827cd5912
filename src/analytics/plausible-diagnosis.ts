// What a failed query says about Plausible, its key or a site, in sentences for the operator. Only scripts import it.

import type { Fault } from '../stores/store-error.ts'

/** What is wrong. `problem` says what to do too. Plausible returns the same status for a wrong key and an unknown site. */
export interface PlausibleDiagnosis {
  subject: 'server' | 'key_or_site' | 'site'
  problem: string
}

/** Explains the fault of a `StoreError` of an adapter for Plausible, which uses this API. */
export function diagnosePlausible(fault: Fault, api: 'v1' | 'v2'): PlausibleDiagnosis {
  const server = (problem: string): PlausibleDiagnosis => ({ subject: 'server', problem })
  switch (fault) {
    case 'status_401':
      return {
        subject: 'key_or_site',
        problem: 'the store has no such site, or the key may not read it: add the site there',
      }
    case 'status_402':
      return {
        subject: 'site',
        problem: 'it requires payment (402): the site is locked, or the plan has no Stats API',
      }
    case 'status_404':
      return server(
        `it has no Stats API ${api} at this address (404): check PLAUSIBLE_URL; Plausible Community Edition has v2 from version 3.0, older versions need ANALYTICS_API=v1`,
      )
    case 'status_429':
      return server('its quota for this hour is spent (429): wait, or ask for a larger one')
    case 'status_400':
      return server(
        api === 'v1'
          ? 'it refuses the query (400): update Plausible to 3.0 or newer, and set ANALYTICS_API=v2'
          : 'it refuses the query (400): update Plausible to 3.0 or newer',
      )
    case 'timeout':
      return server('it did not respond in time: check PLAUSIBLE_URL and the load of Plausible')
    case 'unreachable':
      return server('it cannot be reached: check PLAUSIBLE_URL and that Plausible runs')
    case 'unusable':
      return server(
        'its response is not that of the Stats API: check that PLAUSIBLE_URL is the address of Plausible',
      )
    case 'too_large':
      return server('its response is too large: check that PLAUSIBLE_URL is the address of Plausible')
    default:
      return server(describeStatus(fault))
  }
}

function describeStatus(fault: Fault): string {
  const status = Number(/^status_(\d+)$/.exec(fault)?.[1])
  if (status >= 300 && status < 400) {
    return `it redirects to another address (${status}): set PLAUSIBLE_URL to that address, with https://`
  }
  if (Number.isNaN(status)) return `it failed (${fault}): check PLAUSIBLE_URL and the log of Plausible`
  return `it returned status ${status}: check PLAUSIBLE_URL and the log of Plausible`
}
