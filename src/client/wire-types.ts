// Types of the API, written by `npm run generate` from the contract in src/.

/** How many jobs one request may name. */
export const MAX_JOB_IDS = 100

export type Period = '7d' | '30d' | '6mo' | '12mo'

export interface JobVisitorsAnswer {
  data: {
    visitors: {
      [k: string]: number
    }
    pageviews?: {
      [k: string]: number
    }
    series?: {
      [k: string]: {
        date: string
        visitors: number
        pageviews?: number
      }[]
    }
  }
  meta: {
    period: '7d' | '30d' | '6mo' | '12mo'
    total_jobs: number
    interval?: 'day' | 'week' | 'month'
  }
}

export interface Job {
  id: string
  title: string
  slug: string
  status: 'pending' | 'active' | 'expired' | 'draft'
  url: string | null
  created_at: string
  expires_at: string | null
  visitors?: number
}

export type JobStatus = 'pending' | 'active' | 'expired' | 'draft'

export type JobSort = '-created_at' | 'created_at' | 'title'

export interface JobListAnswer {
  data: {
    id: string
    title: string
    slug: string
    status: 'pending' | 'active' | 'expired' | 'draft'
    url: string | null
    created_at: string
    expires_at: string | null
    visitors?: number
  }[]
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
    period?: '7d' | '30d' | '6mo' | '12mo'
  }
}

export type Metric =
  'visitors' | 'pageviews' | 'visits' | 'bounce_rate' | 'visit_duration' | 'views_per_visit'

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

export type Interval = 'day' | 'week' | 'month'

export interface SiteAnalytics {
  data: {
    totals: {
      visitors?: number
      pageviews?: number
      visits?: number
      bounce_rate?: number
      visit_duration?: number
      views_per_visit?: number
    }
    previous?: {
      totals: {
        visitors?: number
        pageviews?: number
        visits?: number
        bounce_rate?: number
        visit_duration?: number
        views_per_visit?: number
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
      value: string
    }[]
    series?: {
      visitors?: number
      pageviews?: number
      visits?: number
      bounce_rate?: number
      visit_duration?: number
      views_per_visit?: number
      date: string
    }[]
  }
  meta: {
    period: '7d' | '30d' | '6mo' | '12mo'
    from: string
    to: string
    time_zone_offset: string
    metrics: ('visitors' | 'pageviews' | 'visits' | 'bounce_rate' | 'visit_duration' | 'views_per_visit')[]
    group_by?:
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
    interval?: 'day' | 'week' | 'month'
    filters: {
      dimension:
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
      operator: 'is' | 'is_not'
      values: string[]
    }[]
    groups?: {
      page: number
      limit: number
      total: number
      has_more: boolean
    }
  }
}

export interface ParameterProblem {
  parameter: string
  message: string
}

export type ApiErrorCode =
  | 'invalid_request'
  | 'missing_api_key'
  | 'invalid_api_key'
  | 'domain_not_verified'
  | 'job_access_denied'
  | 'not_found'
  | 'method_not_allowed'
  | 'rate_limited'
  | 'too_many_concurrent_requests'
  | 'internal_error'
  | 'analytics_unavailable'
  | 'service_unavailable'
  | 'analytics_quota_exhausted'
  | 'analytics_timeout'
