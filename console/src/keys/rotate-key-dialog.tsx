// Asks how long a key goes on working beside the one that replaces it.

import { useState } from 'preact/hooks'
import { type ApiKey, type NewApiKey, rotateKey } from '../api/keys.ts'
import { useAction } from '../data/use-action.ts'
import { formatInstant } from '../format/dates.ts'
import { Dialog } from '../shell/dialog.tsx'
import { Problem } from '../shell/problem.tsx'

const OVERLAPS = [
  { seconds: 0, name: 'Not at all' },
  { seconds: 3_600, name: 'One hour' },
  { seconds: 86_400, name: 'One day' },
  { seconds: 604_800, name: 'One week' },
  { seconds: 2_592_000, name: '30 days' },
]
const USUAL_SECONDS = 86_400

interface RotateKeyDialogProps {
  apiKey: ApiKey
  close: () => void
  rotated: (key: NewApiKey, note: string) => void
}

/** The dialog. */
export function RotateKeyDialog({ apiKey, close, rotated }: RotateKeyDialogProps) {
  const [seconds, setSeconds] = useState(USUAL_SECONDS)
  const { run, isBusy, error } = useAction(async () => {
    const { data, meta } = await rotateKey(apiKey.id, seconds)
    rotated(data, noteOf(meta.old_key_expires_at))
  })
  return (
    <Dialog title={`Rotate “${apiKey.name}”`} close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <p>
          You get a new key with the same name. The old one keeps working for a while, so that you can replace
          it everywhere.
        </p>
        <label for="overlap">The old key keeps working for</label>
        <select
          id="overlap"
          value={seconds}
          onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}
        >
          {OVERLAPS.map((overlap) => (
            <option key={overlap.seconds} value={overlap.seconds}>
              {overlap.name}
            </option>
          ))}
        </select>
        {error && <Problem error={error} />}
        <div class="dialog-actions">
          <button type="button" class="button plain" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button" disabled={isBusy}>
            Rotate
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function noteOf(end: string): string {
  return Date.parse(end) <= Date.now()
    ? 'The old key is refused from now on.'
    : `The old key works until ${formatInstant(end)}.`
}
