// Names of figures, how they are written, and whether more of them is better.

import type { Metric } from 'job-analytics-client'
import { formatCount, formatDuration, formatPercent } from '../format/numbers.ts'

interface MetricText {
  name: string
  format: (value: number) => string
  /** Whether a rise is good, bad, or neither. */
  rise: 'good' | 'bad' | 'neutral'
}

const METRICS: Record<Metric, MetricText> = {
  visitors: { name: 'Visitors', format: formatCount, rise: 'good' },
  visits: { name: 'Visits', format: formatCount, rise: 'good' },
  pageviews: { name: 'Page views', format: formatCount, rise: 'good' },
  bounce_rate: { name: 'Bounce rate', format: formatPercent, rise: 'bad' },
  visit_duration: { name: 'Visit duration', format: formatDuration, rise: 'neutral' },
  views_per_visit: { name: 'Views per visit', format: formatCount, rise: 'neutral' },
  applications: { name: 'Applications', format: formatCount, rise: 'good' },
  application_rate: { name: 'Application rate', format: formatPercent, rise: 'good' },
}

/** The name and format of a figure. */
export function metricText(metric: Metric): MetricText {
  return METRICS[metric]
}
