// Rejects what the analytics store does not support, and what takes more queries than one request may send.

import { MAX_QUERIES } from '../analytics/fair-share.ts'
import { type FiguresRequest, figuresCost, whyUnsupportedFigures } from '../analytics/figures.ts'
import { rejectProblems } from '../http/errors.ts'
import type { Services } from '../services.ts'

/** Throws `ApiError` 400 if these requests are not supported together; it names `parameter` if they take too many queries. */
export function rejectUnsupported(
  { store, applyEvent }: Services,
  site: string,
  requests: readonly FiguresRequest[],
  parameter: string,
): void {
  for (const request of requests) {
    const reason = whyUnsupportedFigures(store, request, applyEvent)
    if (reason) rejectProblems([{ parameter: reason.about, message: reason.message }])
  }
  const cost = figuresCost(store, site, requests, applyEvent)
  if (cost > MAX_QUERIES) rejectCost(cost, parameter)
}

/** Throws `ApiError` 400 that names `parameter`, because it takes this many queries. */
export function rejectCost(cost: number, parameter: string): void {
  const much = Number.isFinite(cost)
    ? `${cost} queries, and one request may send ${MAX_QUERIES}`
    : 'too long a query'
  const message = `This takes ${much}: ask for fewer jobs, metrics or points in time.`
  rejectProblems([{ parameter, message }])
}
