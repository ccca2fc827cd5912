// The address of a job's page.

/** Paths are stored decoded, as the analytics store records them. */
export function jobUrl(domain: string, path: string): string {
  return `https://${domain}${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`
}
