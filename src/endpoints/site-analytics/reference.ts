// GET /analytics/site in the reference.

import { DIMENSIONS, type Dimension } from '../../analytics/analytics-store.ts'
import {
  type EndpointReference,
  FIGURES_ERRORS,
  formatText,
  INTERVAL_WORDS,
  type ParameterText,
  windowTexts,
} from '../endpoint-reference.ts'
import { MAX_GROUPS, siteAnalyticsParameters } from './parameters.ts'
import { type SiteAnalyticsResponse, siteAnalyticsResponse } from './response.ts'

const meta: SiteAnalyticsResponse['meta'] = {
  period: '30d',
  from: '2026-01-01',
  to: '2026-01-30',
  time_zone: 'Europe/Paris',
  time_zone_offset: '+01:00',
  metrics: ['visitors'],
  filters: [],
}

const totals: SiteAnalyticsResponse = { data: { totals: { visitors: 4501 } }, meta }

const sources: SiteAnalyticsResponse = {
  data: {
    totals: { visitors: 4501 },
    groups: [
      { value: 'Direct / None', visitors: 1504 },
      { value: 'LinkedIn', visitors: 968 },
    ],
  },
  meta: { ...meta, group_by: 'source', groups: { offset: 0, limit: 2, total: 8, has_more: true } },
}

const compared: SiteAnalyticsResponse = {
  data: {
    totals: { visitors: 4501 },
    previous: { totals: { visitors: 4300 }, change: { visitors: 4.7 }, from: '2025-12-02', to: '2025-12-31' },
  },
  meta: { ...meta, filters: [{ dimension: 'country', operator: 'is', values: ['FR', 'DE'] }] },
}

/** How to write the values of a filter, if that is not obvious. */
const FILTER_NOTES: Partial<Record<Dimension, string>> = {
  page: ' Paths start with `/`; `/jobs/*` matches every path that starts with `/jobs/`.',
  entry_page: ' Paths start with `/`.',
  exit_page: ' Paths start with `/`.',
  country: ' Two-letter country codes (ISO 3166-1), such as `FR`.',
  region: ' Region codes (ISO 3166-2), such as `FR-IDF`.',
  city: ' GeoNames IDs.',
  job: ' IDs of your jobs, without wildcards.',
}

/** Two parameters for each dimension: one keeps the visits that match, the other removes them. */
const filters: Record<string, ParameterText> = Object.fromEntries(
  DIMENSIONS.flatMap((dimension) => {
    const keep = `Only visits whose \`${dimension}\` is one of these values, separated by commas.`
    const remove = `No visits whose \`${dimension}\` is one of these values. In the query string: \`${dimension}!=value\`.`
    return [
      [dimension, { description: `${keep}${FILTER_NOTES[dimension] ?? ''}`, isRepeated: true }],
      [`${dimension}!`, { description: remove, isRepeated: true }],
    ]
  }),
)

/** The text and the examples. */
export const siteAnalyticsReference: EndpointReference = {
  path: '/analytics/site',
  operationId: 'getSiteAnalytics',
  tag: 'Analytics',
  summary: 'Figures of the whole site',
  description: `Returns the totals of your whole site in a period. You can group, filter, and compare them, and see how they develop.

Rates are percentages and durations are seconds. Days are those of your site's time zone. Do not add up the visitors of several groups: one person may be in more than one.
With \`group_by=job\`, the figures of a job with several pages are the sums of its pages; its bounce rate and visit duration are those of its first page with visits.

Each dimension of \`group_by\` is also the name of two filters: \`country=FR,DE\` keeps visits, \`source!=Google\` removes them. In a value, \`*\` matches any text.
Sources, channels, campaigns, devices, browsers, and operating systems match regardless of case; paths and codes match exactly.
Write \`\\,\`, \`\\*\`, and \`\\\\\` for these characters themselves. If the store does not support a combination, the response is a 400 that says which combinations are possible.`,
  query: siteAnalyticsParameters,
  parameters: {
    ...windowTexts(),
    metrics: {
      description:
        'What to count, separated by commas. `applications` are visitors who applied, and `application_rate` is their share of the visitors; both require that the platform counts applications.',
      example: ['visitors', 'pageviews'],
    },
    group_by: {
      description:
        'Adds groups by this dimension, the largest of the first metric first. Where that is `applications` or `application_rate`, groups are ordered by applications, and only those with an application are included. Groups by `job` have the ID, title, and address of each visited job, and always include those without an application.',
      example: 'source',
    },
    interval: {
      description: `Adds a series with one point per ${INTERVAL_WORDS}. A point without visits is 0.`,
      example: 'day',
    },
    limit: {
      description: `The number of groups per page, at most ${MAX_GROUPS.toLocaleString('en-US')}. Requires \`group_by\`.`,
      example: 10,
      default: 100,
    },
    offset: {
      description: 'How many groups to skip. Requires `group_by`.',
      example: 10,
      default: 0,
    },
    compare: {
      description: 'Adds the totals of the previous period of the same length, and the change in percent.',
      example: 'previous',
    },
    format: formatText(
      'one row per group, or per point of the series, or else with the totals and what they are compared with',
    ),
    ...filters,
  },
  response: {
    name: 'SiteAnalyticsResponse',
    schema: siteAnalyticsResponse,
    description: 'The totals, and the groups, series, and comparison that you requested.',
    examples: {
      totals: { summary: 'Visitors in 30 days', value: totals },
      sources: { summary: 'By source', value: sources },
      compared: { summary: 'Two countries, compared', value: compared },
    },
  },
  csv: 'source,visitors\r\nDirect / None,1504\r\nLinkedIn,968\r\n',
  kind: 'figures',
  errors: [...FIGURES_ERRORS, 'job_access_denied'],
}
