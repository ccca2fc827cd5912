// The bar at the top: the organization, the pages, and the person who is signed in.

import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { type Session, signOut } from '../api/session.ts'
import { endSession } from '../data/query-client.ts'

const PAGES = [
  { path: '/console', name: 'Overview' },
  { path: '/console/jobs', name: 'Jobs' },
  { path: '/console/usage', name: 'Usage' },
  { path: '/console/settings/keys', name: 'API keys' },
]

/** The bar. Without the session until that is read. */
export function Masthead({ session }: { session: Session | undefined }) {
  const { path } = useLocation()
  return (
    <header class="masthead">
      <a class="brand" href="/console">
        <img src="/assets/icon.svg" alt="" width="24" height="24" />
        <span>{session?.organization.name ?? 'Console'}</span>
      </a>
      <nav aria-label="Pages">
        {PAGES.map((page) => (
          <a key={page.path} href={page.path} aria-current={isCurrent(page.path, path) ? 'page' : undefined}>
            {page.name}
          </a>
        ))}
        <a class="nav-reference" href="/docs">
          Reference
        </a>
      </nav>
      {session && <Person session={session} />}
    </header>
  )
}

function isCurrent(page: string, path: string): boolean {
  return page === '/console' ? path === page : path === page || path.startsWith(`${page}/`)
}

function Person({ session: { person } }: { session: Session }) {
  const [hasFailed, setFailed] = useState(false)
  const leave = () => signOut().then(endSession, () => setFailed(true))
  return (
    <div class="person">
      <span class="person-name">{person.name ?? person.id}</span>
      <span class="tag">{person.role === 'admin' ? 'Administrator' : 'Viewer'}</span>
      <button type="button" class="button plain small" onClick={leave}>
        Sign out
      </button>
      {hasFailed && <span role="alert">Could not sign out. Try again.</span>}
    </div>
  )
}
