// Marks the section that the reader is in, and closes the contents on a phone when a link in them was followed.

import { element, elements } from './elements.ts'

/** Where a section counts as the one that is read: the upper third of the window. */
const READING_LINE = '-15% 0px -70% 0px'

/** Works on the contents of the page. */
export function followContents(): void {
  const contents = element('#contents', HTMLElement)
  const links = elements('a', HTMLAnchorElement, contents)
  const linkOf = (id: string) => links.find(({ hash }) => hash === `#${id}`)
  const observer = new IntersectionObserver(
    (entries) => {
      const entered = entries.find(({ isIntersecting }) => isIntersecting)
      if (entered === undefined) return
      const current = linkOf(entered.target.id)
      if (current === undefined) return
      keepInView(contents, current)
      for (const link of links) link.removeAttribute('aria-current')
      current.setAttribute('aria-current', 'true')
    },
    { rootMargin: READING_LINE },
  )
  for (const section of elements('section[id]', HTMLElement))
    if (linkOf(section.id)) observer.observe(section)
  contents.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a') && contents.matches(':popover-open')) {
      contents.hidePopover()
    }
  })
}

/** Only the contents scroll, never the page. */
function keepInView(contents: HTMLElement, { offsetTop }: HTMLElement): void {
  const { scrollTop, clientHeight } = contents
  if (offsetTop < scrollTop || offsetTop > scrollTop + clientHeight - 40) {
    contents.scrollTop = offsetTop - clientHeight / 2
  }
}
