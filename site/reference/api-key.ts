// The one field for the API key. The tab keeps the key until it is closed; nothing else reads or stores it.

import { element } from './elements.ts'

const STORED_KEY = 'api-key'

/** The key that was entered; empty if none was. */
export function apiKey(): string {
  return element('#api-key', HTMLInputElement).value.trim()
}

/** Fills the field with the key of this tab and keeps what is entered. */
export function enableKeyField(): void {
  const field = element('#api-key', HTMLInputElement)
  const show = element('#show-key', HTMLButtonElement)
  field.value = sessionStorage.getItem(STORED_KEY) ?? ''
  field.addEventListener('input', () => sessionStorage.setItem(STORED_KEY, apiKey()))
  show.addEventListener('click', () => {
    const isShown = field.type === 'text'
    field.type = isShown ? 'password' : 'text'
    show.setAttribute('aria-pressed', String(!isShown))
  })
}

/** Calls `listener` when a key was entered. */
export function onKeyChange(listener: () => void): void {
  element('#api-key', HTMLInputElement).addEventListener('change', listener)
}
