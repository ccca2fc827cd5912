// Asks for the name of a new key and for its end.

import { useState } from 'preact/hooks'
import { createKey, type NewApiKey } from '../api/keys.ts'
import { useAction } from '../data/use-action.ts'
import { Dialog } from '../shell/dialog.tsx'
import { Problem } from '../shell/problem.tsx'

const DAY_MS = 86_400_000
const MAX_NAME = 100
const ENDS = [
  { days: 30, name: 'In 30 days' },
  { days: 90, name: 'In 90 days' },
  { days: 365, name: 'In a year' },
]

/** The dialog. */
export function CreateKeyDialog({
  close,
  created,
}: {
  close: () => void
  created: (key: NewApiKey) => void
}) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('')
  const { run, isBusy, error } = useAction(async () => {
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString()
    created(await createKey(name.trim(), expiresAt))
  })
  return (
    <Dialog title="Create a key" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <div class="fields">
          <div>
            <label for="key-name">Name</label>
            <input
              id="key-name"
              required
              pattern=".*\S.*"
              title="Write what the key is for"
              maxLength={MAX_NAME}
              autocomplete="off"
              aria-describedby="key-name-hint"
              value={name}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
            <p class="quiet small" id="key-name-hint">
              What the key is for, such as “Weekly report”.
            </p>
          </div>
          <div>
            <label for="key-end">Expires</label>
            <select id="key-end" value={days} onChange={({ currentTarget }) => setDays(currentTarget.value)}>
              <option value="">Never</option>
              {ENDS.map((end) => (
                <option key={end.days} value={end.days}>
                  {end.name}
                </option>
              ))}
            </select>
          </div>
        </div>
        {error && <Problem error={error} />}
        <div class="dialog-actions">
          <button type="button" class="button plain" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button" disabled={isBusy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}
