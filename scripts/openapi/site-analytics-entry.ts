// GET /analytics/site in the reference.

import { type SiteAnalyticsAnswer, siteAnalyticsAnswer } from '../../src/answers/site-analytics.ts'
import { siteAnalyticsQuery } from '../../src/contract/site-analytics.ts'
import { DIMENSIONS } from '../../src/domain/stats-question.ts'
import { type EndpointEntry, FIGURES_ERRORS, type ParameterEntry } from './endpoint-entry.ts'

const meta: SiteAnalyticsAnswer['meta'] = {
  period: '30d',
  from: '2026-01-01',
  to: '2026-01-30',
  time_zone_offset: '+01:00',
  metrics: ['visitors'],
  filters: [],
}

const totals: SiteAnalyticsAnswer = { data: { totals: { visitors: 4501 } }, meta }

const sources: SiteAnalyticsAnswer = {
  data: {
    totals: { visitors: 4501 },
    groups: [
      { value: 'Direct / None', visitors: 1504 },
      { value: 'LinkedIn', visitors: 968 },
    ],
  },
  meta: { ...meta, group_by: 'source', groups: { page: 1, limit: 2, total: 8, has_more: true } },
}

const compared: SiteAnalyticsAnswer = {
  data: {
    totals: { visitors: 4501 },
    previous: { totals: { visitors: 4300 }, change: { visitors: 4.7 }, from: '2025-12-02', to: '2025-12-31' },
  },
  meta: { ...meta, filters: [{ dimension: 'country', operator: 'is', values: ['FR', 'DE'] }] },
}

/** How the filters of some dimensions are written, where it is not plain. */
const FILTER_NOTES: Partial<Record<(typeof DIMENSIONS)[number], string>> = {
  page: ' `/jobs/*` is every path that begins so. A number turns the pages of `group_by` instead.',
  country: ' Two letters, such as `FR`.',
  region: ' ISO 3166-2, such as `FR-IDF`.',
  city: ' GeoNames numbers.',
  job: ' IDs of your jobs, without wildcards.',
}

/** Two parameters for each dimension: one keeps, one leaves out. */
const filters: Record<string, ParameterEntry> = Object.fromEntries(
  DIMENSIONS.flatMap((dimension) => {
    const note = FILTER_NOTES[dimension] ?? ''
    return [
      [
        dimension,
        { description: `Only visits with one of these values, comma-separated.${note}`, isRepeated: true },
      ],
      [
        `${dimension}!`,
        { description: `Only visits with none of these values: \`${dimension}!=…\`.`, isRepeated: true },
      ],
    ]
  }),
)

export const siteAnalyticsEntry: EndpointEntry = {
  path: '/analytics/site',
  operationId: 'getSiteAnalytics',
  tag: 'Analytics',
  summary: 'Figures of the whole board',
  description: `Totals of your whole board over a period, broken down, over time, filtered and compared.

Rates are percent, durations seconds, and days are those of the board's own time zone. Visitors of groups cannot be summed: one person may be in several.

Filters are named like the dimensions of \`group_by\`: \`country=FR,DE\` keeps, \`source!=Google\` leaves out. In a value \`*\` stands for anything;
\`\\,\`, \`\\*\` and \`\\\\\` are the characters themselves. A combination that the store cannot answer is a 400 that says what it can.`,
  query: siteAnalyticsQuery,
  parameters: {
    period: {
      description:
        '`7d` and `30d` are the full days before today, `6mo` and `12mo` the full months before this one.',
      example: '30d',
    },
    metrics: { description: 'What is counted, comma-separated.', example: ['visitors', 'pageviews'] },
    group_by: {
      description: 'Adds a break-down by this dimension, the largest groups first.',
      example: 'source',
    },
    interval: {
      description: 'Adds a series, one point for each day, week or month, gaps filled with zeros.',
      example: 'day',
    },
    limit: {
      description: 'How many groups a page has; 100 unless named. `page=2` turns to the next.',
      example: 10,
    },
    compare: {
      description: 'Adds the totals of the period before, and the change in percent.',
      example: 'previous',
    },
    ...filters,
  },
  answer: siteAnalyticsAnswer,
  answerDescription: 'The totals, and what else was asked for.',
  examples: {
    totals: { summary: 'Visitors of 30 days', value: totals },
    sources: { summary: 'By source', value: sources },
    compared: { summary: 'Two countries, compared', value: compared },
  },
  kind: 'figures',
  errors: [...FIGURES_ERRORS, 'job_access_denied'],
}
