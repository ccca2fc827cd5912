// "Try it": a dialog with the form of one operation, which sends the request to this API and shows the response.

import { apiKey, enableKeyField, onKeyChange } from './api-key.ts'
import { element, elements } from './elements.ts'
import { requestPath } from './request-path.ts'
import { showFailure, showResponse } from './response-view.ts'
import { fillInJobs } from './sample-jobs.ts'

/** Shows the buttons that open the dialog. */
export function enableTrying(): void {
  enableKeyField()
  for (const button of elements('[data-try]', HTMLButtonElement)) {
    button.addEventListener('click', () => open(button.dataset['try'] ?? ''))
    button.parentElement?.removeAttribute('hidden')
  }
  for (const form of forms()) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void send(form)
    })
  }
  onKeyChange(() => void fillInJobs(forms().find(({ hidden }) => !hidden)))
}

function forms(): HTMLFormElement[] {
  return elements('.try-form', HTMLFormElement)
}

function open(operation: string): void {
  for (const form of forms()) form.hidden = form.dataset['operation'] !== operation
  const form = element(`.try-form[data-operation="${operation}"]`, HTMLFormElement)
  const needsKey = 'key' in form.dataset
  element('#try-title', HTMLElement).textContent = form.dataset['summary'] ?? ''
  element('.key-field', HTMLElement).hidden = !needsKey
  element('#try-result', HTMLElement).hidden = true
  element('#try', HTMLDialogElement).showModal()
  if (needsKey && apiKey() === '') element('#api-key', HTMLInputElement).focus()
  else element('#try-title', HTMLElement).focus()
  void fillInJobs(form)
}

async function send(form: HTMLFormElement): Promise<void> {
  await fillInJobs(form)
  if (!form.reportValidity()) return
  const path = requestPath(form)
  const startedAt = performance.now()
  try {
    const headers: HeadersInit = 'key' in form.dataset ? { 'x-api-key': apiKey() } : {}
    // Without the console's session, which would let the request in as well.
    const response = await fetch(path, { headers, credentials: 'omit', cache: 'no-store' })
    const text = await response.text()
    showResponse(path, response, text, performance.now() - startedAt)
  } catch (error) {
    showFailure(path, error)
  }
}
