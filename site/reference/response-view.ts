// Shows the response to a request that was sent from the page, or why there is none.

import { element } from './elements.ts'

/** Shows status, headers and body; `durationMs` as the browser measured it. */
export function showResponse(path: string, response: Response, text: string, durationMs: number): void {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  show(`${response.status} ${response.statusText} in ${Math.round(durationMs)} ms: GET ${path}`, {
    headers: headers.join('\n'),
    body: isJson(response) ? indented(text) : text,
  })
}

/** Shows that no response arrived. */
export function showFailure(path: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  show(`No response to GET ${path}: ${reason}. Check your connection, then send it again.`, {
    headers: '',
    body: '',
  })
}

function show(status: string, { headers, body }: { headers: string; body: string }): void {
  element('#try-status', HTMLElement).textContent = status
  element('#try-headers', HTMLElement).textContent = headers
  element('#try-body', HTMLElement).textContent = body
  const result = element('#try-result', HTMLElement)
  result.hidden = false
  result.scrollIntoView({ block: 'nearest' })
}

function isJson({ headers }: Response): boolean {
  return /[/+]json/.test(headers.get('content-type') ?? '')
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
