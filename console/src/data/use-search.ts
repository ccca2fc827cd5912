// The parameters of the page's address, and how a page changes them.

import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { readSelection, type Selection, selectionParameters } from './selection.ts'

/** The address of a page with these parameters. */
export function addressOf(path: string, search: URLSearchParams): string {
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The parameters, and a function that puts others in their place: as a new step back, or not. */
export function useSearch() {
  const { url, path, route } = useLocation()
  const search = useMemo(() => new URL(url, location.origin).searchParams, [url])
  return {
    path,
    search,
    /** Sets or, with undefined, removes parameters of the address. */
    change(values: Record<string, string | undefined>, isStep = true) {
      // The address of this moment: a change that was delayed must not undo another one.
      const next = new URLSearchParams(location.search)
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) next.delete(name)
        else next.set(name, value)
      }
      route(addressOf(path, next), !isStep)
    },
  }
}

/** Parameters of the pages besides the selection, which stay when it changes. */
const VIEW_PARAMETERS = ['metric', 'interval']

/** The selection of the address, the address of another one, and a function that goes there. */
export function useSelection() {
  const { path, search } = useSearch()
  const { route } = useLocation()
  const selection = useMemo(() => readSelection(search), [search])
  const linkTo = (next: Selection) => {
    const parameters = selectionParameters(next)
    for (const name of VIEW_PARAMETERS) {
      const value = search.get(name)
      if (value !== null) parameters.set(name, value)
    }
    return addressOf(path, parameters)
  }
  return { selection, linkTo, select: (next: Selection) => route(linkTo(next)) }
}
