// What a client does with a right response: it asks again with the ETag, and follows a list to its end.

import * as z from 'zod/mini'
import { endpointOf } from '../requests/request-case.ts'
import { type OutgoingRequest, type ReceivedResponse, sendRequest } from '../requests/send-case.ts'
import type { Tenant } from '../world/world.ts'

/** A request and the 200 that it got. */
export interface Exchange {
  request: OutgoingRequest
  response: ReceivedResponse
  tenant: Tenant
}

/** What is wrong with the response to the same request with its ETag, if anything: a 304, or the same once more. */
export async function revalidate({ request, response }: Exchange): Promise<string | undefined> {
  const etag = response.headers.get('etag')
  if (etag === null) return undefined
  const again = await sendRequest({ ...request, headers: { ...request.headers, 'if-none-match': etag } })
  if (again.status === 304) return again.body === '' ? undefined : 'a 304 with a body'
  // Refused or failed, which says nothing about the ETag; or a day has turned in between.
  if (again.status !== 200) return undefined
  return again.body === response.body ? 'the same body as a 200 although its ETag was sent' : undefined
}

const page = z.object({
  data: z.array(z.object({ id: z.string() })),
  meta: z.object({ pagination: z.object({ next_cursor: z.nullable(z.string()) }) }),
})
const MAX_PAGES = 20

/** What is wrong with the list that its cursors lead through, if anything: each job once, and none left out. */
export async function followCursors({ request, response, tenant }: Exchange): Promise<string | undefined> {
  const { searchParams } = new URL(request.target, 'http://localhost')
  const isWalk =
    endpointOf(request.target) === '/jobs' && ['page', 'cursor', 'q'].every((name) => !searchParams.has(name))
  if (!isWalk || !/json/.test(response.headers.get('content-type') ?? '')) return undefined
  const status = searchParams.get('status')
  const seen: string[] = []
  let current = page.parse(JSON.parse(response.body))
  for (let count = 0; count < MAX_PAGES; count++) {
    seen.push(...current.data.map(({ id }) => id))
    const cursor = current.meta.pagination.next_cursor
    if (cursor === null) break
    searchParams.delete('sort')
    searchParams.set('cursor', cursor)
    const next = await sendRequest({ ...request, target: `/jobs?${searchParams}` })
    if (next.status !== 200) return undefined
    current = page.parse(JSON.parse(next.body))
  }
  const expected = tenant.jobs.filter((job) => status === null || job.status === status).map(({ id }) => id)
  const isWhole = seen.length === expected.length && expected.every((id) => seen.includes(id))
  return isWhole
    ? undefined
    : `the cursors lead through ${seen.length} jobs, not the ${expected.length} of the list`
}
