// Requests by key: a table with a row for each key, and one for the people in the console.

import type { ApiKey } from '../api/keys.ts'
import { OUTCOMES, type Usage } from '../api/usage.ts'
import { formatCount } from '../format/numbers.ts'
import { byKey, OUTCOME_TEXTS, totalOf } from './usage-sums.ts'

interface UsageByKeyProps {
  days: Usage['data']['days'] | undefined
  /** For the names of the keys. */
  keys: readonly ApiKey[] | undefined
}

/** The table. */
export function UsageByKey({ days, keys }: UsageByKeyProps) {
  if (!days) return <div class="card skeleton list-skeleton" aria-hidden="true" />
  const rows = byKey(days)
  if (rows.length === 0) return null
  return (
    <section class="later-section" aria-labelledby="by-key-title">
      <h2 id="by-key-title">Requests by key</h2>
      <div class="list-card">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Key</th>
              {OUTCOMES.map((outcome) => (
                <th scope="col" class="number" key={outcome}>
                  {OUTCOME_TEXTS[outcome].name}
                </th>
              ))}
              <th scope="col" class="number">
                All
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ keyId, sums }) => (
              <tr key={keyId ?? 'people'}>
                <th scope="row">
                  <KeyName keyId={keyId} keys={keys} />
                </th>
                {OUTCOMES.map((outcome) => (
                  <td class="number" key={outcome} data-label={OUTCOME_TEXTS[outcome].name}>
                    {formatCount(sums[outcome])}
                  </td>
                ))}
                <td class="number" data-label="All">
                  <b>{formatCount(totalOf(sums))}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function KeyName({ keyId, keys }: { keyId: string | null; keys: readonly ApiKey[] | undefined }) {
  if (keyId === null) return <>Console users</>
  const key = keys?.find(({ id }) => id === keyId)
  if (!key) return <code>{keyId}</code>
  return (
    <>
      {key.name} <code>{key.hint}…</code>
    </>
  )
}
