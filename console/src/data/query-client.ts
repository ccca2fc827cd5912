// Keeps what was read for a minute, and notices when the session has ended.

import { QueryCache, QueryClient } from '@tanstack/query-core'
import { AnalyticsError } from 'job-analytics-client'

/** The name of the query that holds the session. */
export const SESSION = ['session'] as const

/** As long as the API keeps figures that have today in them. */
const FRESH_MS = 60_000
const KEEP_MS = 600_000

/** The cache of the pages. The API client repeats what can be repeated, so nothing is repeated here. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      if (hasNoSession(error) && query.queryKey[0] !== SESSION[0]) endSession()
    },
  }),
  defaultOptions: {
    queries: { staleTime: FRESH_MS, gcTime: KEEP_MS, retry: false, refetchOnWindowFocus: false },
  },
})

/** Whether the API refused a request because nobody is signed in. */
export function hasNoSession(error: unknown): boolean {
  return error instanceof AnalyticsError && error.status === 401
}

/** Reads the session again, which shows the page for people who are signed out. */
export function endSession(): void {
  void queryClient.resetQueries({ queryKey: SESSION })
}
