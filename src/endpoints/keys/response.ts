// The responses of the endpoints of API keys. Only the reference and tests use the schemas; the Worker uses their types.

import * as z from 'zod/mini'
import { KEY_ACTIONS, KEY_STATES } from '../../directory/key-directory.ts'

const time = z.iso.datetime()

/** An API key, without the key itself. */
export const apiKey = z.object({
  id: z.guid(),
  name: z.string(),
  hint: z.string(),
  state: z.enum(KEY_STATES),
  created_at: time,
  created_by: z.nullable(z.string()),
  last_used_at: z.nullable(time),
  expires_at: z.nullable(time),
  revoked_at: z.nullable(time),
})

const newKey = z.extend(apiKey, { key: z.string() })

/** The body of a 200 of `GET /keys`. */
export const keyListResponse = z.object({
  data: z.array(apiKey),
  meta: z.object({ active: z.int(), active_limit: z.int() }),
})
/** The same as a type. */
export type KeyListResponse = z.infer<typeof keyListResponse>

/** The body of a 201 of `POST /keys`. */
export const newKeyResponse = z.object({ data: newKey })
/** The same as a type. */
export type NewKeyResponse = z.infer<typeof newKeyResponse>

/** The body of a 201 of `POST /keys/{id}/rotate`. */
export const rotationResponse = z.object({
  data: newKey,
  meta: z.object({ replaced: z.guid(), old_key_expires_at: time }),
})
/** The same as a type. */
export type RotationResponse = z.infer<typeof rotationResponse>

/** The body of a 200 of `GET /keys/audit`. */
export const auditResponse = z.object({
  data: z.array(
    z.object({
      at: time,
      person: z.object({ id: z.string(), name: z.nullable(z.string()) }),
      action: z.enum(KEY_ACTIONS),
      key: z.object({ id: z.guid(), name: z.string(), hint: z.string() }),
    }),
  ),
})
/** The same as a type. */
export type AuditResponse = z.infer<typeof auditResponse>
