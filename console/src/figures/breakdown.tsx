// The largest groups of a dimension as ranked bars. Each is a link that filters the page by it.

import type { Dimension, Metric, SiteAnalytics, SiteFilter } from 'job-analytics-client'
import { useEffect, useState } from 'preact/hooks'
import { rememberJob } from '../data/job-titles.ts'
import type { Selection } from '../data/selection.ts'
import { groupsCsvPath, groupsQuery, useGroups } from '../data/site-query.ts'
import { dimensionName, valueName } from '../format/dimensions.ts'
import { formatCount, formatShare } from '../format/numbers.ts'
import { DownloadCsv } from '../shell/download-csv.tsx'
import { Problem } from '../shell/problem.tsx'
import { Segments } from '../shell/segments.tsx'
import { metricText } from './metrics.ts'

const FEW = 8
const MANY = 100

interface BreakdownProps {
  title: string
  /** The dimensions that the card can show. The first is shown at the beginning. */
  dimensions: readonly [Dimension, ...Dimension[]]
  metric: Metric
  selection: Selection
  /** Whether the groups may be read: the totals come first. */
  isEnabled: boolean
  /** The address of the page with one more filter. */
  linkTo: (filter: SiteFilter) => string
}

type Group = NonNullable<SiteAnalytics['data']['groups']>[number]

/** The card. */
export function Breakdown({ title, dimensions, metric, selection, isEnabled, linkTo }: BreakdownProps) {
  const [dimension, setDimension] = useState(dimensions[0])
  const [limit, setLimit] = useState(FEW)
  const query = groupsQuery(selection, metric, dimension, limit)
  const { data, error, refetch, isPrevious } = useGroups(query, isEnabled)
  const isStale = isPrevious && data?.meta.group_by !== dimension
  const groups = isStale ? undefined : data?.data.groups
  useEffect(() => {
    for (const { id, title, url } of groups ?? []) if (id && title) rememberJob(id, { title, url })
  }, [groups])
  return (
    <section class="card breakdown" aria-label={title} aria-busy={isPrevious}>
      <header class="card-header">
        <h2>{title}</h2>
        {dimensions.length > 1 && (
          <Segments
            label={`${title} by`}
            options={dimensions.map((name) => ({ value: name, name: dimensionName(name) }))}
            value={dimension}
            select={setDimension}
          />
        )}
      </header>
      {error ? (
        <Problem error={error} retry={refetch} />
      ) : groups ? (
        <Bars
          groups={groups}
          metric={metric}
          total={data?.data.totals[metric] ?? 0}
          dimension={dimension}
          linkOf={(value) => linkTo({ dimension, operator: 'is', values: [value] })}
        />
      ) : (
        <Skeleton />
      )}
      <footer class="card-footer">
        {data?.meta.groups && (data.meta.groups.has_more || limit > FEW) && (
          <button type="button" class="link-button" onClick={() => setLimit(limit === FEW ? MANY : FEW)}>
            {limit === FEW ? moreOf(data.meta.groups.total) : 'Show fewer'}
            <span class="visually-hidden"> in {title}</span>
          </button>
        )}
        {groups && groups.length > 0 && <DownloadCsv path={groupsCsvPath(query)} name={title} />}
      </footer>
    </section>
  )
}

interface BarsProps {
  groups: readonly Group[]
  metric: Metric
  total: number
  dimension: Dimension
  linkOf: (value: string) => string
}

function Bars({ groups, metric, total, dimension, linkOf }: BarsProps) {
  if (groups.length === 0) return <p class="empty">No visits in this period with these filters.</p>
  const { format, name } = metricText(metric)
  const largest = Math.max(...groups.map((group) => group[metric] ?? 0), 1)
  return (
    <ol class="bars">
      {groups.map((group) => {
        const value = group[metric] ?? 0
        const label = group.title ?? valueName(dimension, group.value)
        return (
          <li key={group.value}>
            <a
              class="bar"
              href={linkOf(group.value)}
              title={`Show only ${label}`}
              style={{ '--share': `${(value / largest) * 100}%` }}
            >
              <span class="bar-label">{label}</span>
              <span class="bar-share" aria-hidden="true">
                {formatShare(value, total)}
              </span>
              <span class="bar-value">
                {format(value)}
                <span class="visually-hidden"> {name}. Show only these.</span>
              </span>
            </a>
            {dimension === 'job' && (
              <a class="bar-more" href={`/console/jobs/${group.value}`} title={`Open the page of ${label}`}>
                <span aria-hidden="true">→</span>
                <span class="visually-hidden">Open the page of {label}</span>
              </a>
            )}
          </li>
        )
      })}
    </ol>
  )
}

function moreOf(total: number): string {
  return total <= MANY
    ? `Show all ${formatCount(total)}`
    : `Show ${formatCount(MANY)} of ${formatCount(total)}`
}

function Skeleton() {
  return (
    <div class="bars" aria-hidden="true">
      {Array.from({ length: FEW }, (_, index) => (
        <div key={index} class="bar skeleton" />
      ))}
    </div>
  )
}
