// How many requests the organization has made, by day, key and outcome.

import { sendForJson } from './send.ts'

/** The outcomes that are counted, in the order in which they are shown. */
export const OUTCOMES = ['served', 'cached', 'rate_limited', 'concurrency_limited', 'failed'] as const
/** An outcome of a request. */
export type Outcome = (typeof OUTCOMES)[number]

/** The requests of one key on one day. People in the console have no key. */
export type KeyUsage = Record<Outcome, number> & { key_id: string | null }

/** Requests by day, the oldest day first. */
export interface Usage {
  data: { days: { date: string; keys: KeyUsage[] }[]; today: { requests: number } }
  meta: { from: string; to: string; time_zone: string }
}

/** The requests of the last `days` days, today included. */
export function readUsage(days: number, signal: AbortSignal): Promise<Usage> {
  return sendForJson(`/usage?days=${days}`, { signal })
}
