// The argument of a command that says how many jobs to measure with.

import { InvalidArgumentError } from 'commander'

/** Reads a whole number of jobs, `least` or more. Throws Commander's error for an argument. */
export function jobCount(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (Number.isSafeInteger(count) && count >= least) return count
    throw new InvalidArgumentError(`Give a whole number from ${least} on.`)
  }
}
