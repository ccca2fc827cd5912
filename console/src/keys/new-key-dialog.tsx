// Shows a new key, this once, with a command that uses it.

import type { NewApiKey } from '../api/keys.ts'
import { CopyButton } from '../shell/copy-button.tsx'
import { Dialog } from '../shell/dialog.tsx'

interface NewKeyDialogProps {
  apiKey: NewApiKey
  note: string | undefined
  close: () => void
}

/** The dialog. */
export function NewKeyDialog({ apiKey: { key, name }, note, close }: NewKeyDialogProps) {
  const command = `curl -H 'x-api-key: ${key}' '${location.origin}/analytics/site?period=7d'`
  return (
    <Dialog title={`Your key “${name}”`} close={close} staysOnEscape>
      <p class="notice warn">Copy your key now. You will not be able to see it again.</p>
      <pre class="secret">
        <code>{key}</code>
      </pre>
      <CopyButton text={key} name="the key" />
      <h3>Try it</h3>
      <p class="small">This command prints the visitors of the last seven days:</p>
      <pre class="command">
        <code>{command}</code>
      </pre>
      <CopyButton text={command} name="the command" />
      {note && <p class="notice note">{note}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          I have copied the key
        </button>
      </div>
    </Dialog>
  )
}
