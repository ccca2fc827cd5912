// Settings, API keys: the keys of the organization, and who changed them.

import { useState } from 'preact/hooks'
import { type ApiKey, type ApiKeys, type NewApiKey, readAudit, readKeys } from '../api/keys.ts'
import type { Session } from '../api/session.ts'
import { queryClient } from '../data/query-client.ts'
import { useQuery } from '../data/use-query.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { AuditList } from './audit-list.tsx'
import { CreateKeyDialog } from './create-key-dialog.tsx'
import { KeyTable } from './key-table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { RevokeKeyDialog } from './revoke-key-dialog.tsx'
import { RotateKeyDialog } from './rotate-key-dialog.tsx'

/** What is open over the page. */
type Open =
  | { what: 'create' }
  | { what: 'rotate' | 'revoke'; key: ApiKey }
  | { what: 'shown'; key: NewApiKey; note?: string }

const KEYS = ['keys']

/** The page at /console/settings/keys. */
export function KeysPage({ session }: { session: Session }) {
  const [open, setOpen] = useState<Open>()
  const [done, setDone] = useState('')
  const list = useQuery({ name: [...KEYS, 'list'], read: readKeys })
  const audit = useQuery({ name: [...KEYS, 'audit'], read: readAudit })
  const isAdmin = session.person.role === 'admin'
  const close = () => setOpen(undefined)
  const changed = (message: string, next?: Open) => {
    setDone(message)
    setOpen(next)
    void queryClient.invalidateQueries({ queryKey: KEYS })
  }
  return (
    <Page
      title="API keys"
      subtitle={list.data ? summaryOf(list.data) : '\u00a0'}
      actions={
        isAdmin && (
          <button type="button" class="button" onClick={() => setOpen({ what: 'create' })}>
            Create a key
          </button>
        )
      }
    >
      {!isAdmin && (
        <p class="notice">
          You can see the keys, but not change them: your role is viewer. Ask an administrator of{' '}
          {session.organization.name} if you need a key.
        </p>
      )}
      <p role="status" class={done ? 'notice good' : 'visually-hidden'}>
        {done}
      </p>
      {list.error ? (
        <Problem error={list.error} retry={list.refetch} />
      ) : (
        <KeyTable
          keys={list.data?.data}
          isAdmin={isAdmin}
          rotate={(key) => setOpen({ what: 'rotate', key })}
          revoke={(key) => setOpen({ what: 'revoke', key })}
        />
      )}
      {list.data && (
        <section class="later-section" aria-labelledby="audit-title">
          <h2 id="audit-title">Recent changes</h2>
          {audit.error ? (
            <Problem error={audit.error} retry={audit.refetch} />
          ) : (
            <AuditList entries={audit.data} />
          )}
        </section>
      )}
      {open?.what === 'create' && (
        <CreateKeyDialog
          close={close}
          created={(key) => changed(`The key “${key.name}” was created.`, { what: 'shown', key })}
        />
      )}
      {open?.what === 'rotate' && (
        <RotateKeyDialog
          apiKey={open.key}
          close={close}
          rotated={(key, note) => changed(`The key “${key.name}” was rotated.`, { what: 'shown', key, note })}
        />
      )}
      {open?.what === 'revoke' && (
        <RevokeKeyDialog
          apiKey={open.key}
          close={close}
          revoked={() => changed(`The key “${open.key.name}” was revoked. It is refused from now on.`)}
        />
      )}
      {open?.what === 'shown' && <NewKeyDialog apiKey={open.key} note={open.note} close={close} />}
    </Page>
  )
}

function summaryOf({ meta }: ApiKeys): string {
  return `${meta.active} of at most ${meta.active_limit} active`
}
