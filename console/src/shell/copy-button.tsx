// A button that puts a text into the clipboard.

import { useState } from 'preact/hooks'

const SHOWN_MS = 2_500

/** The button. `name` says what is copied. */
export function CopyButton({ text, name }: { text: string; name: string }) {
  const [result, setResult] = useState('')
  const copy = async () => {
    const message = await navigator.clipboard.writeText(text).then(
      () => 'Copied',
      () => 'Could not copy. Select the text, and copy it yourself.',
    )
    setResult(message)
    setTimeout(() => setResult(''), SHOWN_MS)
  }
  return (
    <span class="copy">
      <button type="button" class="button plain small" onClick={copy}>
        Copy {name}
      </button>
      <span role="status" class="small">
        {result}
      </span>
    </span>
  )
}
