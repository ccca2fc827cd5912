// Writes options as the API's query parameters.

import { invalidArgument, kindOf } from './arguments.ts'

/** Parameters of a request, in order. */
export type Search = [name: string, value: string][]

/**
 * The options of these names as parameters: `groupBy` becomes `group_by`, a list is joined by commas, and undefined is left out.
 * Throws `invalid_argument` if a value is neither text, a number nor a list of texts. `argument` is the object's name in messages.
 */
export function searchOf(argument: string, options: object, names: readonly string[]): Search {
  return names.flatMap((name): Search => {
    const value = (options as Record<string, unknown>)[name]
    return value === undefined ? [] : [[wireName(name), textOf(`${argument}.${name}`, value)]]
  })
}

function textOf(argument: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',')
  throw invalidArgument(argument, `must be a string, a number or a list of strings, but is ${kindOf(value)}`)
}

function wireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
