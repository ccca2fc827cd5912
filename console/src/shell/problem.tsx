// What people see when a request failed: what happened, and what to do next.

import { AnalyticsError } from 'job-analytics-client'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { formatTime } from '../format/dates.ts'

interface Advice {
  title: string
  text: string
  /** Whether trying again can help. */
  canRetry: boolean
}

const STORE_UNAVAILABLE: Advice = {
  title: 'The figures are unavailable at the moment',
  text: 'No data is lost: visits are still being counted. Try again in a moment.',
  canRetry: true,
}

const ADVICE: Partial<Record<string, Advice>> = {
  analytics_unavailable: STORE_UNAVAILABLE,
  analytics_timeout: {
    title: 'Loading the figures took too long',
    text: 'Try again, or select a shorter period.',
    canRetry: true,
  },
  analytics_quota_exhausted: {
    title: 'The queries of this hour are used up',
    text: 'Figures that were loaded before are still shown. Try the others again later.',
    canRetry: true,
  },
  service_unavailable: {
    title: 'The console is unavailable at the moment',
    text: 'Its database is unavailable. Try again in a moment.',
    canRetry: true,
  },
  network_error: {
    title: 'No connection',
    text: 'Check your connection to the internet, then try again.',
    canRetry: true,
  },
  domain_not_verified: {
    title: 'Your domain is not verified yet',
    text: 'Visits are counted per domain. Ask your job board to verify the domain of your organization; the figures then appear here.',
    canRetry: true,
  },
  job_access_denied: {
    title: 'Job not found',
    text: 'The address or a filter names a job that your organization does not have. Remove the filter, or open a job from the list.',
    canRetry: false,
  },
  role_required: {
    title: 'Only administrators can do this',
    text: 'You are signed in as a viewer. Ask an administrator of your organization.',
    canRetry: false,
  },
  origin_not_allowed: {
    title: 'This page cannot make changes',
    text: 'It was opened from another address. Open the console from your job board again.',
    canRetry: false,
  },
  key_not_found: {
    title: 'This key no longer exists',
    text: 'Reload the page to see the keys as they are now.',
    canRetry: false,
  },
  key_not_active: {
    title: 'Only an active key can be rotated',
    text: 'This one was rotated before, was revoked, or has expired. Create a new key instead.',
    canRetry: false,
  },
  too_many_keys: {
    title: 'Key limit reached',
    text: 'Your organization has reached its limit of active keys. Revoke a key that is not used, then create the new one.',
    canRetry: false,
  },
}

const WAITING = ['rate_limited', 'too_many_concurrent_requests']
/** After this time a request is repeated if the API names none. */
const USUAL_WAIT_SECONDS = 5

/** The error, with a button that tries again. After too many requests it goes on by itself. */
export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  const code = error instanceof AnalyticsError ? error.code : 'unexpected'
  if (error instanceof AnalyticsError && WAITING.includes(code) && retry) {
    return <Waiting error={error} retry={retry} />
  }
  const { title, text, canRetry } = ADVICE[code] ?? {
    title: 'Something went wrong',
    text:
      error instanceof AnalyticsError
        ? error.message
        : 'Reload the page. If that does not help, tell your job board.',
    canRetry: true,
  }
  const requestId = error instanceof AnalyticsError ? error.requestId : undefined
  return (
    <div class="notice bad problem" role="alert">
      <strong>{title}</strong>
      <p>{text}</p>
      {canRetry && retry && (
        <button type="button" class="button plain small" onClick={retry}>
          Try again
        </button>
      )}
      {requestId && <p class="quiet small">For support: request {requestId}</p>}
    </div>
  )
}

function Waiting({ error, retry }: { error: AnalyticsError; retry: () => void }) {
  const seconds = error.retryAfterSeconds ?? USUAL_WAIT_SECONDS
  // Each refusal begins a new wait, even if the page shows the one before without a pause.
  const until = useMemo(() => Date.now() + seconds * 1_000, [error])
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Math.ceil((until - Date.now()) / 1_000)
      setLeft(Math.max(0, now))
      if (now > 0) return
      clearInterval(timer)
      retry()
    }, 500)
    return () => clearInterval(timer)
  }, [until])
  return (
    <div class="notice warn problem" role="status">
      <strong>Too many requests in a short time</strong>
      <p>
        This page continues by itself at{' '}
        <time dateTime={new Date(until).toISOString()}>{formatTime(until)}</time>
        <span aria-hidden="true">, in {left} s</span>.
      </p>
    </div>
  )
}
