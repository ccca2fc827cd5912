// Pages that differ only in how a browser, a link or a tracker spells them.

/** Ways in which two spellings of a page differ, in the order in which they are removed. */
const DIFFERENCES: { name: string; remove(page: string): string }[] = [
  { name: 'percent-encoding', remove: decode },
  { name: 'Unicode form', remove: (page) => page.normalize('NFC') },
  { name: '#', remove: removeFragment },
  { name: 'case', remove: (page) => page.toLowerCase() },
  { name: 'trailing slash', remove: (page) => page.replace(/(?<=.)\/+$/, '') },
  { name: 'locale', remove: (page) => page.replace(/^\/[a-z]{2}([-_][a-z]{2,4})?(?=\/)/i, '') },
]

/** Returns what is left of a page without these differences; twins have the same. Undefined for the home page. */
export function twinKey(page: string): string | undefined {
  const key = keyWithout(page, undefined)
  return key === '/' || key === '' ? undefined : key
}

/** Returns in which ways two pages with the same `twinKey` differ; empty when they are not twins after all. */
export function differencesOf(page: string, other: string): string[] {
  const names = DIFFERENCES.map(({ name }) => name).filter(
    (name) => keyWithout(page, name) !== keyWithout(other, name),
  )
  // "/jobs/c#-dev" and "/jobs/c#-lead" are two pages.
  if (names.includes('#') && page.includes('#') && other.includes('#')) return []
  return names
}

function keyWithout(page: string, omitted: string | undefined): string {
  return DIFFERENCES.reduce((text, { name, remove }) => (name === omitted ? text : remove(text)), page)
}

function decode(page: string): string {
  try {
    return decodeURIComponent(page)
  } catch {
    return page
  }
}

/** A router in hash mode has the page after the "#"; elsewhere a fragment is a place on the page. */
function removeFragment(page: string): string {
  const [, route] = /#!?(\/.*)$/.exec(page) ?? []
  return route ?? page.replace(/#.*$/, '')
}
