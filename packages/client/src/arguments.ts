// Checks what callers pass in, so that a wrong argument is named and no request is sent.

import { AnalyticsError } from './analytics-error.ts'
import { isObject } from './api-error.ts'
import { type CallOptions, MAX_TIMER_MS } from './call-options.ts'

/** The error for a wrong argument. `problem` continues the sentence that the argument's name begins. */
export function invalidArgument(argument: string, problem: string): AnalyticsError {
  return new AnalyticsError(`\`${argument}\` ${problem}.`, { code: 'invalid_argument', argument })
}

/** The IDs as an array. Throws `invalid_argument` if it is not a list of strings. */
export function checkedJobIds(jobIds: unknown): string[] {
  if (!isObject(jobIds) || !(Symbol.iterator in jobIds)) {
    throw invalidArgument('jobIds', `must be a list of job IDs, but is ${kindOf(jobIds)}`)
  }
  return Array.from(jobIds as unknown as Iterable<unknown>, (id, index) => {
    if (typeof id === 'string') return id
    throw invalidArgument(`jobIds[${index}]`, `must be a string, but is ${kindOf(id)}`)
  })
}

/** The names of the options that every call takes. */
export const CALL_OPTIONS = ['signal', 'deadlineMs'] as const satisfies (keyof CallOptions)[]

/**
 * Throws `invalid_argument` if `options` is not an object, has a name that is not among `names`, or has a `signal`,
 * `deadlineMs` or `onProgress` of the wrong type. `argument` is the object's name in error messages.
 */
export function checkOptions(argument: string, options: unknown, names: readonly string[]): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw invalidArgument(argument, `must be an object, but is ${kindOf(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw invalidArgument(`${argument}.${name}`, `is unknown. The options are ${names.join(', ')}`)
  }
  const { signal, deadlineMs, onProgress } = options
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw invalidArgument(`${argument}.signal`, `must be an AbortSignal, but is ${kindOf(signal)}`)
  }
  if (deadlineMs !== undefined) checkedMs(`${argument}.deadlineMs`, deadlineMs)
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument(`${argument}.onProgress`, `must be a function, but is ${kindOf(onProgress)}`)
  }
}

/** Returns the value. Throws `invalid_argument` if it is not a number of milliseconds that a timer takes. */
export function checkedMs(argument: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS) return value
  throw invalidArgument(argument, `must be a number of milliseconds from 0 to ${MAX_TIMER_MS}`)
}

/** A word for the value in an error message. Never the value itself, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function isAbortSignal(value: unknown): value is AbortSignal {
  return isObject(value) && 'aborted' in value && typeof value['addEventListener'] === 'function'
}
