// Types of the API, written by `npm run generate` from src/contract.ts and src/errors.ts.

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
