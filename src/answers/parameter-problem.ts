// What is wrong with one parameter, as a 400 tells it.

import * as z from 'zod/mini'

/** One wrong parameter, in the `details` of a 400. */
export const parameterProblem = z.object({ parameter: z.string(), message: z.string() })
export type ParameterProblem = z.infer<typeof parameterProblem>
