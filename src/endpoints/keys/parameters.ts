// The parameters and bodies of the endpoints of API keys.

import * as z from 'zod/mini'
import { quote, wholeNumber } from '../../http/query-parameters.ts'

const MAX_OVERLAP_SECONDS = 30 * 86_400
/** How long a rotated key stays valid, unless the request says otherwise. */
export const DEFAULT_OVERLAP_SECONDS = 86_400
const DEFAULT_AUDIT_ENTRIES = 50
const MAX_AUDIT_ENTRIES = 200

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const NAME_ERROR = 'Must be a text of 1 to 100 characters without line breaks.'
const TIME_ERROR = 'Must be a time to come, such as "2030-12-31T00:00:00Z", or null.'
const OVERLAP_ERROR = `Must be a whole number from 0 to ${MAX_OVERLAP_SECONDS}.`

const name = z.string({ error: NAME_ERROR }).check(
  z.trim(),
  z.minLength(1, NAME_ERROR),
  z.maxLength(100, NAME_ERROR),
  z.refine((text) => !/\p{Cc}/u.test(text), NAME_ERROR),
)
const timeToCome = z
  .string({ error: TIME_ERROR })
  .check(z.refine((text) => TIME.test(text) && Date.parse(text) > Date.now(), TIME_ERROR))

/** The body of `POST /keys`. */
export const newKeyBody = z.strictObject({ name, expires_at: z.nullish(timeToCome) })

/** The body of `POST /keys/{id}/rotate`. */
export const rotationBody = z.strictObject({
  overlap_seconds: z._default(
    z
      .int({ error: OVERLAP_ERROR })
      .check(z.minimum(0, OVERLAP_ERROR), z.maximum(MAX_OVERLAP_SECONDS, OVERLAP_ERROR)),
    DEFAULT_OVERLAP_SECONDS,
  ),
})

/** The ID in the path. */
export const keyParameters = z.strictObject({
  id: z.string().check(z.regex(UUID, { error: ({ input }) => `${quote(input)} is not the ID of a key.` })),
})

/** The parameters of `GET /keys/audit`. */
export const auditParameters = z.strictObject({
  limit: z._default(wholeNumber(1, MAX_AUDIT_ENTRIES), DEFAULT_AUDIT_ENTRIES),
})
