// The console: who is signed in, the bar at the top, and the page of the address.

import lazy from 'preact-iso/lazy'
import { LocationProvider, Route, Router } from 'preact-iso/router'
import { readSession } from '../api/session.ts'
import { hasNoSession, SESSION } from '../data/query-client.ts'
import { useQuery } from '../data/use-query.ts'
import { OverviewPage } from '../figures/overview-page.tsx'
import { Footer } from './footer.tsx'
import { Masthead } from './masthead.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { Problem } from './problem.tsx'
import { SignedOut } from './signed-out.tsx'

const JobsPage = lazy(() => import('../jobs/jobs-page.tsx').then(({ JobsPage }) => JobsPage))
const JobPage = lazy(() => import('../jobs/job-page.tsx').then(({ JobPage }) => JobPage))
const KeysPage = lazy(() => import('../keys/keys-page.tsx').then(({ KeysPage }) => KeysPage))
const UsagePage = lazy(() => import('../usage/usage-page.tsx').then(({ UsagePage }) => UsagePage))

/** The whole console. */
export function App() {
  const { data: session, error, refetch } = useQuery({ name: SESSION, read: readSession })
  if (hasNoSession(error)) return <SignedOut />
  if (error && !session) {
    return (
      <main class="page">
        <h1>Console</h1>
        <Problem error={error} retry={refetch} />
      </main>
    )
  }
  return (
    <LocationProvider scope="/console">
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <Masthead session={session} />
      <main class="page" id="content" tabIndex={-1}>
        {session ? (
          <Router>
            <Route path="/console" component={OverviewPage} session={session} />
            <Route path="/console/jobs" component={JobsPage} session={session} />
            <Route path="/console/jobs/:id" component={JobPage} session={session} />
            <Route path="/console/settings/keys" component={KeysPage} session={session} />
            <Route path="/console/usage" component={UsagePage} session={session} />
            <Route default component={NotFoundPage} />
          </Router>
        ) : (
          <p class="quiet" role="status">
            Loading the console …
          </p>
        )}
        {session && <Footer session={session} />}
      </main>
    </LocationProvider>
  )
}
