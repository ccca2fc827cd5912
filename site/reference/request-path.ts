// The path and query string of the request that a form describes.

/** Fields that are empty are not sent. A list is sent as one value, separated by commas. */
export function requestPath(form: HTMLFormElement): string {
  const values = new Map<string, string[]>()
  for (const [name, value] of new FormData(form)) {
    const text = String(value).trim()
    if (text !== '') values.set(name, [...(values.get(name) ?? []), text])
  }
  let path = form.dataset['path'] ?? ''
  const query = new URLSearchParams()
  for (const [name, texts] of values) {
    const value = texts.join(',')
    if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(value))
    else query.append(name, value)
  }
  return query.size > 0 ? `${path}?${query}` : path
}
