// Reads an example's one parameter from the command line.

/** The first parameter, or `initial` if there is none. Ends the process if the parameters are not one of `choices`. */
export function choice<Choice extends string>(choices: readonly Choice[], initial: Choice): Choice {
  const [parameter = initial, ...others] = process.argv.slice(2)
  const chosen = choices.find((each) => each === parameter)
  if (chosen !== undefined && others.length === 0) return chosen
  console.error(`${JSON.stringify([parameter, ...others].join(' '))} is not one of ${choices.join(', ')}.`)
  process.exit(1)
}
