// A dialog over the page. The browser keeps the focus in it, closes it with Escape, and gives the focus back.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  /** Called when people close it. */
  close: () => void
  /** Whether Escape leaves it open, because what it shows is shown this once. */
  staysOnEscape?: boolean
  children: ComponentChildren
}

/** The dialog, which is open as long as it is rendered. */
export function Dialog({ title, close, staysOnEscape = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={close}
      onCancel={(event) => {
        if (staysOnEscape) event.preventDefault()
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}
