// Rejects metrics that this deployment does not count.

import { type Metric, needsApplyEvent } from '../analytics/figures.ts'
import type { ParameterProblem } from '../http/errors.ts'
import type { Services } from '../services.ts'

/** What is wrong with the metrics of a parameter: counting applications requires the name of their event. */
export function metricsProblems(
  metrics: readonly Metric[],
  { applyEvent }: Services,
  parameter = 'metrics',
): ParameterProblem[] {
  if (applyEvent !== undefined || !needsApplyEvent(metrics)) return []
  const message = 'Applications are not counted here: the platform has to name the event that its pages send.'
  return [{ parameter, message }]
}
