// /keys: the API keys of an organization, managed by its people in the console, or by the platform for them.

import { type Actor, MAX_ACTIVE_KEYS } from '../../directory/key-directory.ts'
import { ApiError } from '../../http/errors.ts'
import { readJsonBody } from '../../http/json-body.ts'
import { noParameters, parseParameters, parseValues } from '../../http/query-parameters.ts'
import { admitPerson } from '../../request/admit-person.ts'
import type { AppContext, Endpoints } from '../../request/app-env.ts'
import { identifyPerson, type PersonCaller } from '../../request/caller.ts'
import { requireWriteAccess } from '../../request/console-access.ts'
import { lookUpAgain } from '../../request/look-up-again.ts'
import { respond, respondStatus } from '../../request/respond.ts'
import type { ConsoleServices, Services } from '../../services.ts'
import { auditParameters, keyParameters, newKeyBody, rotationBody } from './parameters.ts'
import type { AuditResponse, KeyListResponse, NewKeyResponse, RotationResponse } from './response.ts'

/** The handlers. A change takes a second hop, because a refused caller must not change anything. */
export function keyHandlers(services: Services, console: ConsoleServices): Endpoints {
  const { directory, issueKey } = console

  async function listKeys(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyPerson(c.req.raw, request, console, services.now())
    parseParameters(noParameters, c.req.queries())
    const data = await admitPerson(request, services, caller, () =>
      directory.listKeys(caller.organizationId, request.signal),
    )
    const active = data.filter(({ state }) => state === 'active').length
    const body: KeyListResponse = { data, meta: { active, active_limit: MAX_ACTIVE_KEYS } }
    return respondStatus(request, 200, body)
  }

  async function createKey(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyWriter(c)
    parseParameters(noParameters, c.req.queries())
    const { name, expires_at: expiresAt } = parseValues(newKeyBody, await readJsonBody(c.req.raw))
    await admit(c, caller)
    const { key, ...stored } = await issueKey()
    const created = await lookUpAgain(request, () =>
      directory.createKey(actorOf(caller), { ...stored, name, expiresAt: expiresAt ?? null }, request.signal),
    )
    if ('problem' in created) throw new ApiError(created.problem)
    const body: NewKeyResponse = { data: { ...created.key, key } }
    return respondStatus(request, 201, body)
  }

  async function rotateKey(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyWriter(c)
    const id = idOf(c)
    const { overlap_seconds: overlapSeconds } = parseValues(rotationBody, await readJsonBody(c.req.raw))
    await admit(c, caller)
    const { key, ...stored } = await issueKey()
    const rotated = await lookUpAgain(request, () =>
      directory.rotateKey(actorOf(caller), id, { ...stored, overlapSeconds }, request.signal),
    )
    if ('problem' in rotated) throw new ApiError(rotated.problem)
    const body: RotationResponse = {
      data: { ...rotated.key, key },
      meta: { replaced: id, old_key_expires_at: rotated.oldKeyExpiresAt },
    }
    return respondStatus(request, 201, body)
  }

  async function revokeKey(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyWriter(c)
    const id = idOf(c)
    await admit(c, caller)
    const { problem } = await lookUpAgain(request, () =>
      directory.revokeKey(actorOf(caller), id, request.signal),
    )
    if (problem !== undefined) throw new ApiError(problem)
    return respond(request, 204, null, { 'Cache-Control': 'no-store' })
  }

  async function listAudit(c: AppContext): Promise<Response> {
    const request = c.get('request')
    const caller = await identifyPerson(c.req.raw, request, console, services.now())
    const { limit } = parseParameters(auditParameters, c.req.queries())
    const data = await admitPerson(request, services, caller, () =>
      directory.listAudit(caller.organizationId, limit, request.signal),
    )
    const body: AuditResponse = { data }
    return respondStatus(request, 200, body)
  }

  async function identifyWriter(c: AppContext): Promise<PersonCaller> {
    const request = c.get('request')
    const caller = await identifyPerson(c.req.raw, request, console, services.now())
    requireWriteAccess(c.req.raw, caller, request)
    return caller
  }

  async function admit(c: AppContext, caller: PersonCaller): Promise<void> {
    const request = c.get('request')
    await admitPerson(request, services, caller, () =>
      directory.findOrganization(caller.organizationId, request.signal),
    )
  }

  return {
    '/keys': { GET: listKeys, POST: createKey },
    '/keys/audit': { GET: listAudit },
    '/keys/:id': { DELETE: revokeKey },
    '/keys/:id/rotate': { POST: rotateKey },
  }
}

function actorOf({ organizationId, person: { id, name } }: PersonCaller): Actor {
  return { organizationId, id, name }
}

/** The ID in the path. */
function idOf(c: AppContext): string {
  const parameters = { ...c.req.queries(), id: [c.req.param('id') ?? ''] }
  return parseParameters(keyParameters, parameters).id.toLowerCase()
}
