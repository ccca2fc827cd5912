// Who is signed in: the person, the organization, and what the organization may use.

import { send, sendForJson } from './send.ts'

/** A session of the console. */
export interface Session {
  organization: {
    id: string
    name: string
    domain: string | null
    domain_verified: boolean
    time_zone: string
  }
  person: { id: string; name: string | null; role: 'admin' | 'viewer' }
  /** Whether the platform counts applications. */
  applications: boolean
  /** The current day in the time zone of the organization, such as 2026-01-31. */
  today: string
  expires_at: string
  /** What one API key may do. */
  limits: { requests: number; window_seconds: number; concurrency: number }
}

/** The session of the cookie. Rejects with `invalid_session` or `missing_api_key` if there is none. */
export async function readSession(signal: AbortSignal): Promise<Session> {
  const { data } = await sendForJson<{ data: Session }>('/console/session', { signal })
  return data
}

/** Ends the session in this browser. */
export async function signOut(): Promise<void> {
  await send('/console/sign-out', { method: 'POST' })
}
