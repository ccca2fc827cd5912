// Fills in jobs that belong to the key, so that the first request from the page succeeds.

import { apiKey } from './api-key.ts'
import { elements } from './elements.ts'

const SAMPLE_JOBS = 3

/** Reads three of the key's jobs into an empty field for job IDs, where the form has one and a key was entered. */
export async function fillInJobs(form: HTMLFormElement | undefined): Promise<void> {
  const [field] = form ? elements('[data-jobs]', HTMLInputElement, form) : []
  if (field === undefined || field.value !== '' || apiKey() === '') return
  const ids = await jobIds()
  // The reader may have written something in the meantime.
  if (field.value === '') field.value = ids.join(',')
}

/** None where the request fails: the request that the reader sends will say why. */
async function jobIds(): Promise<string[]> {
  const response = await fetch(`/jobs?per_page=${SAMPLE_JOBS}`, {
    headers: { 'x-api-key': apiKey() },
    credentials: 'omit',
  }).catch(() => undefined)
  if (!response?.ok) return []
  const { data } = (await response.json()) as { data: { id: string }[] }
  return data.map(({ id }) => id)
}
