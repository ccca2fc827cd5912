// The samples: this API's own address in them, one choice of language for all, and a button that copies.

import { elements } from './elements.ts'

const EXAMPLE_ORIGIN = 'https://analytics.example.com'
const STORED_LANGUAGE = 'sample-language'
const COPIED_MS = 2_000

/** Works on every sample of the page. */
export function improveSamples(): void {
  for (const code of elements('.sample code', HTMLElement)) replaceOrigin(code)
  for (const samples of elements('.samples', HTMLElement)) addCopyButton(samples)
  chooseLanguage(localStorage.getItem(STORED_LANGUAGE))
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.name.startsWith('sample-')) return
    const before = target.getBoundingClientRect().top
    chooseLanguage(target.value)
    // Samples above may have become longer or shorter. What the reader looks at stays where it is.
    scrollBy({ top: target.getBoundingClientRect().top - before, behavior: 'instant' })
    localStorage.setItem(STORED_LANGUAGE, target.value)
  })
}

function replaceOrigin(code: HTMLElement): void {
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const { currentNode } = texts
    currentNode.nodeValue = currentNode.nodeValue?.replace(EXAMPLE_ORIGIN, location.origin) ?? null
  }
}

function chooseLanguage(language: string | null): void {
  for (const input of elements('.tabs input', HTMLInputElement)) {
    if (input.value === language) input.checked = true
  }
}

function addCopyButton(samples: HTMLElement): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button plain small copy'
  button.textContent = 'Copy'
  button.addEventListener('click', async () => {
    const visible = elements('.sample', HTMLElement, samples).find((sample) => sample.offsetParent !== null)
    await navigator.clipboard.writeText(visible?.textContent ?? '')
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, COPIED_MS)
  })
  samples.querySelector('.tabs')?.append(button)
}
