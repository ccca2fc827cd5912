// The overview: how many people visited the whole site, and where they came from.

import type { Session } from '../api/session.ts'
import { Page } from '../shell/page.tsx'
import { type BreakdownCard, Figures } from './figures.tsx'

const CARDS: readonly BreakdownCard[] = [
  { title: 'Top jobs', dimensions: ['job', 'page'] },
  { title: 'Sources', dimensions: ['source', 'channel', 'utm_campaign'] },
  { title: 'Countries', dimensions: ['country'] },
  { title: 'Devices', dimensions: ['device', 'browser', 'os'] },
]

/** The page at /console. */
export function OverviewPage({ session }: { session: Session }) {
  const { domain } = session.organization
  return (
    <Page title="Overview" subtitle={domain ?? undefined}>
      <Figures session={session} cards={CARDS} />
    </Page>
  )
}
