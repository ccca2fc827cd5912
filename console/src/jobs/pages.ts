// Which page of a list came before the one at a cursor, kept until the tab is closed: the API's cursors lead forward only.

const PREFIX = 'page before '

/** Keeps that one leads from the page at `cursor`, or from the first page, to the one at `next`. */
export function rememberPageBefore(next: string, cursor: string | undefined): void {
  sessionStorage.setItem(PREFIX + next, cursor ?? '')
}

/** The cursor of the page before. Empty for the first page, null if it was not opened in this tab. */
export function pageBefore(cursor: string): string | null {
  return sessionStorage.getItem(PREFIX + cursor)
}
