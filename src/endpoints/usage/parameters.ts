// The parameters of GET /usage.

import * as z from 'zod/mini'
import { wholeNumber } from '../../http/query-parameters.ts'
import { formatParameter } from '../../http/response-format.ts'
import { MAX_USAGE_DAYS } from '../../usage/usage.ts'

/** `days` counts today. */
export const usageParameters = z.strictObject({
  days: z._default(wholeNumber(1, MAX_USAGE_DAYS), 30),
  ...formatParameter,
})
