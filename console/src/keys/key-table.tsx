// The list of API keys, with what an administrator can do with each.

import type { ApiKey } from '../api/keys.ts'
import { formatInstant, formatInstantDay, formatRelative } from '../format/dates.ts'

const STATES: Record<ApiKey['state'], { name: string; mood: string }> = {
  active: { name: 'Active', mood: 'good' },
  expiring: { name: 'Expiring', mood: 'warn' },
  expired: { name: 'Expired', mood: '' },
  revoked: { name: 'Revoked', mood: 'bad' },
}

interface KeyTableProps {
  keys: readonly ApiKey[] | undefined
  isAdmin: boolean
  rotate: (key: ApiKey) => void
  revoke: (key: ApiKey) => void
}

/** The table. */
export function KeyTable({ keys, isAdmin, rotate, revoke }: KeyTableProps) {
  if (!keys) return <div class="card skeleton list-skeleton" aria-hidden="true" />
  if (keys.length === 0) {
    return (
      <div class="card empty">
        <p>There are no keys yet. {isAdmin ? 'Create one to read your figures with a program.' : ''}</p>
      </div>
    )
  }
  return (
    <div class="list-card">
      <table class="list">
        <caption class="visually-hidden">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Starts with</th>
            <th scope="col">State</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            {isAdmin && (
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">{key.name}</th>
              <td data-label="Starts with">
                <code>{key.hint}…</code>
              </td>
              <td data-label="State">
                <span class={`tag ${STATES[key.state].mood}`}>{STATES[key.state].name}</span>
              </td>
              <td data-label="Created" title={formatInstant(key.created_at)}>
                <span>
                  {formatInstantDay(key.created_at)}
                  {key.created_by && <span class="quiet small by"> by {key.created_by}</span>}
                </span>
              </td>
              <td data-label="Last used">{key.last_used_at ? <Ago at={key.last_used_at} /> : 'Never'}</td>
              <td data-label="Expires">{endOf(key)}</td>
              {isAdmin && (
                <td class="actions">
                  {(key.state === 'active' || key.state === 'expiring') && (
                    <>
                      {key.state === 'active' && (
                        <button type="button" class="button plain small" onClick={() => rotate(key)}>
                          Rotate<span class="visually-hidden"> {key.name}</span>
                        </button>
                      )}
                      <button type="button" class="button plain small" onClick={() => revoke(key)}>
                        Revoke<span class="visually-hidden"> {key.name}</span>
                      </button>
                    </>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {formatRelative(at)}
    </time>
  )
}

function endOf({ revoked_at: revokedAt, expires_at: expiresAt }: ApiKey) {
  if (revokedAt) return `Revoked ${formatInstantDay(revokedAt)}`
  return expiresAt ? <Ago at={expiresAt} /> : 'Never'
}
