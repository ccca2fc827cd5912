// The API's types. Written by `npm run generate` from the server's schemas: do not edit.

/** The most jobs that one request may name. */
export const MAX_JOB_IDS = 100

/** All values of `Period`. */
export const PERIODS: readonly Period[] = ['7d', '30d', '6mo', '12mo', 'today']

export type Period = '7d' | '30d' | '6mo' | '12mo' | 'today'

export type Interval = 'day' | 'week' | 'month'

export type JobMetric = 'visitors' | 'pageviews' | 'applications' | 'application_rate'

export type Metric =
  | 'visitors'
  | 'pageviews'
  | 'visits'
  | 'bounce_rate'
  | 'visit_duration'
  | 'views_per_visit'
  | 'applications'
  | 'application_rate'

export type Dimension =
  | 'page'
  | 'entry_page'
  | 'exit_page'
  | 'source'
  | 'referrer'
  | 'channel'
  | 'utm_source'
  | 'utm_medium'
  | 'utm_campaign'
  | 'country'
  | 'region'
  | 'city'
  | 'device'
  | 'browser'
  | 'os'
  | 'job'

export type JobStatus = 'pending' | 'active' | 'expired' | 'draft'

export type JobSort = '-created_at' | 'created_at' | 'title' | '-visitors' | '-applications'

export interface Job {
  id: string
  title: string
  slug: string
  status: JobStatus
  url: string | null
  created_at: string
  expires_at: string | null
  visitors?: number
  applications?: number
}

export interface ParameterProblem {
  parameter: string
  message: string
}

export type ApiErrorCode =
  | 'invalid_request'
  | 'missing_api_key'
  | 'invalid_api_key'
  | 'invalid_session'
  | 'invalid_token'
  | 'key_not_allowed'
  | 'origin_not_allowed'
  | 'role_required'
  | 'domain_not_verified'
  | 'job_access_denied'
  | 'not_found'
  | 'key_not_found'
  | 'method_not_allowed'
  | 'too_many_keys'
  | 'key_not_active'
  | 'rate_limited'
  | 'too_many_concurrent_requests'
  | 'internal_error'
  | 'analytics_unavailable'
  | 'service_unavailable'
  | 'analytics_quota_exhausted'
  | 'analytics_timeout'

export interface JobVisitorsResponse {
  data: {
    visitors: {
      [k: string]: number
    }
    pageviews?: {
      [k: string]: number
    }
    applications?: {
      [k: string]: number
    }
    application_rate?: {
      [k: string]: number
    }
    series?: {
      [k: string]: {
        date: string
        visitors: number
        pageviews?: number
        applications?: number
        application_rate?: number
      }[]
    }
  }
  meta: {
    period?: Period
    from?: string
    to?: string
    time_zone?: string
    total_jobs: number
    interval?: Interval
  }
}

export interface JobListResponse {
  data: Job[]
  meta: {
    pagination: {
      current_page: number
      per_page: number
      total_items: number
      total_pages: number
      has_more: boolean
      total_items_capped?: true
      next_cursor: string | null
    }
    period?: Period
    from?: string
    to?: string
    time_zone?: string
  }
}

export interface SiteAnalytics {
  data: {
    totals: {
      visitors?: number
      pageviews?: number
      visits?: number
      bounce_rate?: number
      visit_duration?: number
      views_per_visit?: number
      applications?: number
      application_rate?: number
    }
    previous?: {
      totals: {
        visitors?: number
        pageviews?: number
        visits?: number
        bounce_rate?: number
        visit_duration?: number
        views_per_visit?: number
        applications?: number
        application_rate?: number
      }
      change: {
        [k: string]: number | null
      }
      from: string
      to: string
    }
    groups?: {
      visitors?: number
      pageviews?: number
      visits?: number
      bounce_rate?: number
      visit_duration?: number
      views_per_visit?: number
      applications?: number
      application_rate?: number
      value: string
      id?: string
      title?: string
      url?: string
    }[]
    series?: {
      visitors?: number
      pageviews?: number
      visits?: number
      bounce_rate?: number
      visit_duration?: number
      views_per_visit?: number
      applications?: number
      application_rate?: number
      date: string
    }[]
  }
  meta: {
    period?: Period
    from: string
    to: string
    time_zone: string
    time_zone_offset: string
    metrics: Metric[]
    group_by?: Dimension
    interval?: Interval
    filters: {
      dimension: Dimension
      operator: 'is' | 'is_not'
      values: string[]
    }[]
    groups?: {
      offset: number
      limit: number
      total: number
      total_capped?: true
      has_more: boolean
    }
  }
}

export interface Usage {
  data: {
    days: {
      date: string
      keys: {
        key_id: string | null
        served: number
        cached: number
        rate_limited: number
        concurrency_limited: number
        failed: number
      }[]
    }[]
    today: {
      requests: number
    }
  }
  meta: {
    from: string
    to: string
    time_zone: 'UTC'
  }
}

export interface JobVisitorsParameters {
  period?: Period | undefined
  from?: string | undefined
  to?: string | undefined
  metrics?: readonly JobMetric[] | undefined
  interval?: Interval | undefined
}

/** The names of all `JobVisitorsParameters`. */
export const JOB_VISITORS_PARAMETERS: readonly string[] = ['period', 'from', 'to', 'metrics', 'interval']

export interface JobListParameters {
  status?: JobStatus | undefined
  q?: string | undefined
  sort?: JobSort | undefined
  page?: number | undefined
  perPage?: number | undefined
  cursor?: string | undefined
  include?: readonly ('visitors' | 'applications')[] | undefined
  period?: Period | undefined
  from?: string | undefined
  to?: string | undefined
}

/** The names of all `JobListParameters`. */
export const JOB_LIST_PARAMETERS: readonly string[] = ['status', 'q', 'sort', 'page', 'perPage', 'cursor', 'include', 'period', 'from', 'to']

export interface SiteAnalyticsParameters {
  period?: Period | undefined
  from?: string | undefined
  to?: string | undefined
  metrics?: readonly Metric[] | undefined
  groupBy?: Dimension | undefined
  interval?: Interval | undefined
  limit?: number | undefined
  offset?: number | undefined
  compare?: 'previous' | undefined
}

/** The names of all `SiteAnalyticsParameters`. */
export const SITE_ANALYTICS_PARAMETERS: readonly string[] = ['period', 'from', 'to', 'metrics', 'groupBy', 'interval', 'limit', 'offset', 'compare']

export interface UsageParameters {
  days?: number | undefined
}

/** The names of all `UsageParameters`. */
export const USAGE_PARAMETERS: readonly string[] = ['days']
