// The footer of every page: where to read more, and how long the session lasts.

import type { Session } from '../api/session.ts'
import { formatInstant } from '../format/dates.ts'

/** The foot. */
export function Footer({ session }: { session: Session }) {
  return (
    <footer class="footer">
      <a href="/docs">API reference</a>
      <a href="/docs/errors">Errors of the API</a>
      <span>Signed in until {formatInstant(session.expires_at)}</span>
    </footer>
  )
}
