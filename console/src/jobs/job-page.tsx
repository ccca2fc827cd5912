// The page of one job: its figures over time, and where its visitors came from.

import type { Session } from '../api/session.ts'
import { useJobName } from '../data/job-titles.ts'
import { type BreakdownCard, Figures } from '../figures/figures.tsx'
import { Page } from '../shell/page.tsx'

const CARDS: readonly BreakdownCard[] = [
  { title: 'Sources', dimensions: ['source', 'channel', 'utm_campaign'] },
  { title: 'Countries', dimensions: ['country'] },
  { title: 'Devices', dimensions: ['device', 'browser', 'os'] },
]

/** The page at /console/jobs/<id>. */
export function JobPage({ session, id }: { session: Session; id: string }) {
  const name = useJobName(id)
  return (
    <>
      <p class="back">
        <a href="/console/jobs">All jobs</a>
      </p>
      <Page
        title={name?.title ?? 'Job'}
        subtitle={name ? undefined : id}
        actions={
          name?.url && (
            <a class="button plain small" href={name.url} rel="noreferrer" target="_blank">
              View the posting
            </a>
          )
        }
      >
        <Figures session={session} cards={CARDS} jobId={id} />
      </Page>
    </>
  )
}
