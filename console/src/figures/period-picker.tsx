// Selects the days: the named periods, today, or two days of one's own; and whether they are compared.

import { PERIODS, type Period } from 'job-analytics-client'
import { useId, useRef, useState } from 'preact/hooks'
import type { Days, Selection } from '../data/selection.ts'
import { addDays, formatDays } from '../format/dates.ts'
import { Segments } from '../shell/segments.tsx'

const NAMES: Record<Period, string> = {
  today: 'Today',
  '7d': '7 days',
  '30d': '30 days',
  '6mo': '6 months',
  '12mo': '12 months',
}
const ORDER: readonly Period[] = ['today', ...PERIODS.filter((period) => period !== 'today')]
const OPTIONS = ORDER.map((value) => ({ value, name: NAMES[value] }))

interface PeriodPickerProps {
  selection: Selection
  select: (selection: Selection) => void
  /** The current day of the site. */
  today: string
  /** False if nothing is compared. */
  comparison?: boolean
}

/** The picker. */
export function PeriodPicker({ selection, select, today, comparison = true }: PeriodPickerProps) {
  const { days, compares } = selection
  const setDays = (next: Days) => select({ ...selection, days: next })
  const isOwn = !('period' in days)
  return (
    <div class="periods">
      <Segments
        label="Period"
        options={OPTIONS}
        value={isOwn ? undefined : days.period}
        select={(period) => setDays({ period })}
      >
        <OwnDays days={isOwn ? days : undefined} today={today} setDays={setDays} />
      </Segments>
      {comparison && (
        <label class="check">
          <input
            type="checkbox"
            checked={compares}
            onChange={({ currentTarget }) => select({ ...selection, compares: currentTarget.checked })}
          />
          Compare with the previous period
        </label>
      )}
    </div>
  )
}

interface OwnDaysProps {
  days: { from: string; to: string } | undefined
  today: string
  setDays: (days: Days) => void
}

function OwnDays({ days, today, setDays }: OwnDaysProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const open = () => {
    setFrom(days?.from ?? addDays(today, -13))
    setTo(days?.to ?? today)
    dialog.current?.showModal()
  }
  return (
    <>
      <button type="button" aria-pressed={days !== undefined} aria-haspopup="dialog" onClick={open}>
        {days ? formatDays(days.from, days.to) : 'Custom range'}
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby={`${id}-title`}>
        <form
          method="dialog"
          onSubmit={() => {
            if (from !== days?.from || to !== days?.to) setDays({ from, to })
          }}
        >
          <h2 id={`${id}-title`}>Custom range</h2>
          <div class="fields">
            <div>
              <label for={`${id}-from`}>From</label>
              <input
                id={`${id}-from`}
                type="date"
                required
                max={to || today}
                value={from}
                onInput={({ currentTarget }) => setFrom(currentTarget.value)}
              />
            </div>
            <div>
              <label for={`${id}-to`}>To</label>
              <input
                id={`${id}-to`}
                type="date"
                required
                min={from}
                max={today}
                value={to}
                onInput={({ currentTarget }) => setTo(currentTarget.value)}
              />
            </div>
          </div>
          <div class="dialog-actions">
            <button type="button" class="button plain" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="submit" class="button">
              Show
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
