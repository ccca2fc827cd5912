// The page of an address that the console does not have.

import { Page } from './page.tsx'

/** The page. */
export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <p>
        The address may be old or cut off. <a href="/console">Go to the overview</a>.
      </p>
    </Page>
  )
}
