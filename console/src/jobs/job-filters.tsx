// The search, the status and the order of the list of jobs.

import { useEffect, useState } from 'preact/hooks'
import { useSearch } from '../data/use-search.ts'
import { SORTS, STATUSES } from './job-query.ts'

/** How long people pause before their words are searched for. */
const TYPING_MS = 350
const MAX_WORDS = 200

/** The controls. They are in the address, and lead to the first page. */
export function JobFilters({ hasApplications }: { hasApplications: boolean }) {
  const { search, change } = useSearch()
  const searched = search.get('q') ?? ''
  const [words, setWords] = useState(searched)
  useEffect(() => setWords(searched), [searched])
  useEffect(() => {
    if (words === searched) return
    const timer = setTimeout(() => change({ q: words || undefined, cursor: undefined }, false), TYPING_MS)
    return () => clearTimeout(timer)
  }, [words])
  return (
    <search class="job-filters">
      <div class="grow">
        <label for="job-words">Search titles</label>
        <input
          id="job-words"
          type="search"
          placeholder="Engineer Paris"
          maxLength={MAX_WORDS}
          value={words}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
      </div>
      <div>
        <label for="job-status">Status</label>
        <select
          id="job-status"
          value={search.get('status') ?? ''}
          onChange={({ currentTarget }) =>
            change({ status: currentTarget.value || undefined, cursor: undefined })
          }
        >
          <option value="">All</option>
          {Object.entries(STATUSES).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="job-sort">Sort by</label>
        <select
          id="job-sort"
          value={search.get('sort') ?? '-created_at'}
          onChange={({ currentTarget }) => change({ sort: currentTarget.value, cursor: undefined })}
        >
          {Object.entries(SORTS)
            .filter(([value]) => hasApplications || value !== '-applications')
            .map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
        </select>
      </div>
    </search>
  )
}
