// A row of buttons of which one is pressed.

import type { ComponentChildren } from 'preact'

interface SegmentsProps<Value extends string | number> {
  /** What the buttons choose, for people who do not see the row. */
  label: string
  options: readonly { value: Value; name: string }[]
  /** The pressed one. Undefined if none of these is. */
  value: Value | undefined
  select: (value: Value) => void
  /** Further buttons of the row. */
  children?: ComponentChildren
}

/** The row. */
export function Segments<Value extends string | number>({
  label,
  options,
  value,
  select,
  children,
}: SegmentsProps<Value>) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => select(option.value)}
        >
          {option.name}
        </button>
      ))}
      {children}
    </fieldset>
  )
}
