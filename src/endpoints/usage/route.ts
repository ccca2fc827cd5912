// GET /usage: how many requests a key made on each of the last days, by how they ended.

import { ApiError } from '../../http/errors.ts'
import { parseParameters } from '../../http/query-parameters.ts'
import type { AppContext } from '../../request/app-env.ts'
import { authenticateAndAdmit } from '../../request/authenticate-and-admit.ts'
import { identifyCaller } from '../../request/caller.ts'
import type { RequestContext } from '../../request/request-context.ts'
import { formatOf, respondAs } from '../../request/respond.ts'
import type { Services } from '../../services.ts'
import { toStoreError } from '../../stores/store-error.ts'
import { type DayUsage, lastUsageDays, USAGE_OUTCOMES, type UsageQuery } from '../../usage/usage.ts'
import { usageParameters } from './parameters.ts'
import type { UsageResponse } from './response.ts'
import { usageTable } from './table.ts'

const RETRY_SECONDS = 2

/** The handler. */
export function usage(services: Services) {
  return async function usage(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyCaller(c.req.raw, request, services)
    const query = parseParameters(usageParameters, c.req.queries())
    request.log({ days: query.days })

    const { found } = await authenticateAndAdmit(request, services, {
      caller,
      cacheKeys: [],
      lookUp: () => services.directory.findJobPaths(caller, [], request.signal),
    })

    // The owner of the counts is known only after hop 1, so reading them takes a second hop.
    const { id: organizationId, keyId } = found.organization
    const days = lastUsageDays(query.days, services.now())
    const counted = await readUsage({ organizationId, keyId: keyId ?? undefined, days }, request, services)
    request.responseHeaders['Cache-Control'] = 'private, no-cache'
    const body = toResponse(counted)
    return respondAs(c, formatOf(c, query), body, {
      toTable: usageTable,
      fileName: `usage-${body.meta.from}-${body.meta.to}.csv`,
    })
  }
}

async function readUsage(
  query: UsageQuery,
  request: RequestContext,
  { shared }: Services,
): Promise<DayUsage[]> {
  const { usage, error } = await request.timed('redis', () => shared.readUsage(query))
  if (usage) return usage
  request.log({ redis_fault: toStoreError(error).fault })
  throw new ApiError('service_unavailable', { retryAfterSeconds: RETRY_SECONDS })
}

function toResponse(counted: readonly DayUsage[]): UsageResponse {
  const days = counted.map(({ date, keys }) => ({
    date,
    keys: keys.map(({ keyId = null, ...counts }) => ({ key_id: keyId, ...counts })),
  }))
  const today = days.at(-1)
  const counts = (today?.keys ?? []).flatMap((key) => USAGE_OUTCOMES.map((outcome) => key[outcome]))
  return {
    data: { days, today: { requests: counts.reduce((sum, count) => sum + count, 0) } },
    meta: { from: days[0]?.date ?? '', to: today?.date ?? '', time_zone: 'UTC' },
  }
}
