// The parameter that selects the format of a response.

import * as z from 'zod/mini'
import { oneOf } from './query-parameters.ts'

const FORMATS = ['json', 'csv'] as const
/** The format of a response. */
export type Format = (typeof FORMATS)[number]

/** The schema of the parameter, for the object of an endpoint's parameters. */
export const formatParameter = { format: z.optional(oneOf(FORMATS)) }
