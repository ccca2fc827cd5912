// A button that downloads the figures of a list as a CSV file.

import { useState } from 'preact/hooks'
import { send } from '../api/send.ts'
import { Problem } from './problem.tsx'

/** The button. `path` is the request whose response is the file. `name` says what is in it. */
export function DownloadCsv({ path, name }: { path: string; name: string }) {
  const [error, setError] = useState<Error>()
  const [isBusy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    setError(undefined)
    await saveFile(path).catch(setError)
    setBusy(false)
  }
  return (
    <>
      <button type="button" class="link-button" disabled={isBusy} onClick={download}>
        CSV<span class="visually-hidden"> file of {name}</span>
      </button>
      {error && <Problem error={error} retry={download} />}
    </>
  )
}

async function saveFile(path: string): Promise<void> {
  const response = await send(path, { accept: 'text/csv' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = fileNameOf(response)
  link.click()
  URL.revokeObjectURL(link.href)
}

function fileNameOf({ headers }: Response): string {
  const [, name] = /filename="([^"]+)"/.exec(headers.get('content-disposition') ?? '') ?? []
  return name ?? 'figures.csv'
}
