// The filters of the page as chips: each can be turned around and removed.

import type { SiteFilter } from 'job-analytics-client'
import { useJobName } from '../data/job-titles.ts'
import { type Selection, withFilter, withoutDimension } from '../data/selection.ts'
import { dimensionName, valueName } from '../format/dimensions.ts'

interface FilterChipsProps {
  selection: Selection
  select: (selection: Selection) => void
}

/** Nothing if there are no filters. */
export function FilterChips({ selection, select }: FilterChipsProps) {
  const { filters } = selection
  if (filters.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {filters.map((filter) => (
        <li class="chip" key={`${filter.dimension} ${filter.operator}`}>
          <span>
            {dimensionName(filter.dimension)}{' '}
            <button
              type="button"
              class="chip-operator"
              aria-label={
                filter.operator === 'is' ? 'is: show all others instead' : 'is not: show only these instead'
              }
              title={filter.operator === 'is' ? 'Show all others instead' : 'Show only these instead'}
              onClick={() => select(withFilter(selection, turned(filter)))}
            >
              {filter.operator === 'is' ? 'is' : 'is not'}
            </button>{' '}
            <b>
              <Values filter={filter} />
            </b>
          </span>
          <button
            type="button"
            class="chip-remove"
            aria-label={`Remove the filter ${dimensionName(filter.dimension)}`}
            onClick={() => select({ ...selection, filters: withoutDimension(filters, filter.dimension) })}
          >
            <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <button type="button" class="link-button" onClick={() => select({ ...selection, filters: [] })}>
            Remove all filters
          </button>
        </li>
      )}
    </ul>
  )
}

function turned(filter: SiteFilter): SiteFilter {
  return { ...filter, operator: filter.operator === 'is' ? 'is_not' : 'is' }
}

function Values({ filter: { dimension, values } }: { filter: SiteFilter }) {
  const [first = '', ...others] = values
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return (
    <>
      {dimension === 'job' ? <JobTitle id={first} /> : valueName(dimension, first)}
      {more}
    </>
  )
}

function JobTitle({ id }: { id: string }) {
  return <>{useJobName(id)?.title ?? id}</>
}
