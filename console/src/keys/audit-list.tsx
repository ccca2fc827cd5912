// Who created, rotated or revoked a key, the last change first.

import type { AuditEntry } from '../api/keys.ts'
import { formatInstant } from '../format/dates.ts'

const ACTIONS: Record<AuditEntry['action'], string> = {
  create: 'Created',
  rotate: 'Rotated',
  revoke: 'Revoked',
}

/** The list. */
export function AuditList({ entries }: { entries: readonly AuditEntry[] | undefined }) {
  if (!entries) return <div class="card skeleton" aria-hidden="true" />
  if (entries.length === 0) return <p class="quiet">No key has been changed here yet.</p>
  return (
    <div class="list-card">
      <table class="list">
        <caption class="visually-hidden">Changes of API keys</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Change</th>
            <th scope="col">By</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ at, action, person, key }) => (
            <tr key={`${at} ${action} ${key.id}`}>
              <th scope="row">
                {key.name} <code>{key.hint}…</code>
              </th>
              <td data-label="Change">{ACTIONS[action]}</td>
              <td data-label="By">{person.name ?? person.id}</td>
              <td data-label="When">
                <time dateTime={at}>{formatInstant(at)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
