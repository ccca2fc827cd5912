// The frame of a page: its heading, which gets the focus when the page opens, and its title in the browser.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface PageProps {
  title: string
  subtitle?: string | undefined
  /** Buttons beside the heading. */
  actions?: ComponentChildren
  children: ComponentChildren
}

/** Whether a page has been shown before: the first one leaves the focus where the browser has it. */
let isLater = false

/** The page. */
export function Page({ title, subtitle, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (isLater) heading.current?.focus({ preventScroll: true })
    isLater = true
  }, [])
  useEffect(() => {
    document.title = `${title} – Console`
  }, [title])
  return (
    <>
      <header class="page-header">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {subtitle && <p class="quiet">{subtitle}</p>}
        </div>
        {actions}
      </header>
      {children}
    </>
  )
}
