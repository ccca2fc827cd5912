// Asks whether a key is to be ended.

import { type ApiKey, revokeKey } from '../api/keys.ts'
import { useAction } from '../data/use-action.ts'
import { formatRelative } from '../format/dates.ts'
import { Dialog } from '../shell/dialog.tsx'
import { Problem } from '../shell/problem.tsx'

interface RevokeKeyDialogProps {
  apiKey: ApiKey
  close: () => void
  revoked: () => void
}

/** The dialog. */
export function RevokeKeyDialog({ apiKey, close, revoked }: RevokeKeyDialogProps) {
  const { run, isBusy, error } = useAction(async () => {
    await revokeKey(apiKey.id)
    revoked()
  })
  const use = apiKey.last_used_at
    ? `It was last used ${formatRelative(apiKey.last_used_at)}.`
    : 'It was never used.'
  return (
    <Dialog title={`Revoke “${apiKey.name}”?`} close={close}>
      <p>
        Requests with the key <code>{apiKey.hint}…</code> will be refused at once. You cannot undo this. {use}
      </p>
      {error && <Problem error={error} />}
      <div class="dialog-actions">
        <button type="button" class="button plain" onClick={close}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={isBusy} onClick={() => void run()}>
          Revoke key
        </button>
      </div>
    </Dialog>
  )
}
