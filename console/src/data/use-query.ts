// A hook that shows what a query of the cache holds.

import { keepPreviousData, QueryObserver, type QueryObserverOptions } from '@tanstack/query-core'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { queryClient } from './query-client.ts'

/** What a query holds at the moment. */
export interface QueryState<Value> {
  data: Value | undefined
  error: Error | null
  /** Whether a request is under way. */
  isFetching: boolean
  /** Whether `data` belongs to another name, until that of this one arrives. */
  isPrevious: boolean
  refetch: () => void
}

/** What to read, under which name. Equal names share one request and its result. */
export interface Query<Value> {
  name: readonly unknown[]
  read: (signal: AbortSignal) => Promise<Value>
  /** False while what it depends on is not there yet. */
  enabled?: boolean
  /** Shows the result of the name before until that of this one arrives. */
  keepsPrevious?: boolean
}

/** Reads the query when its name is new or its result is older than a minute. */
export function useQuery<Value>({
  name,
  read,
  enabled = true,
  keepsPrevious = false,
}: Query<Value>): QueryState<Value> {
  const options: QueryObserverOptions<Value> = {
    queryKey: name,
    queryFn: ({ signal }) => read(signal),
    enabled,
    ...(keepsPrevious && { placeholderData: keepPreviousData }),
  }
  const [, render] = useState(0)
  const observer = useMemo(() => new QueryObserver<Value>(queryClient, options), [])
  // Before reading the result, so that one of another name is never shown.
  const result = observer.getOptimisticResult(queryClient.defaultQueryOptions(options) as never)
  useEffect(() => observer.subscribe(() => render((count) => count + 1)), [observer])
  useEffect(() => observer.setOptions(options), [JSON.stringify(name), enabled])
  return {
    data: result.data,
    error: result.error,
    isFetching: result.isFetching,
    isPrevious: result.isPlaceholderData,
    refetch: () => void observer.refetch(),
  }
}
