// Random numbers that are the same on every run and every machine.

/** A source of numbers, all uniform: the same seed gives the same sequence. */
export type Random = {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` up to and including `high`. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Hexadecimal digits. */
  hex(length: number): string
}

/** A choice among items by weight; the weights may have any sum. */
export type Choice<Item> = (random: Random) => Item

/** Seeds a generator with any text (FNV-1a, then mulberry32: small, fast, good enough for a demo). */
export function createRandom(seed: string): Random {
  let state = 0x811c9dc5
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193)
  const bits = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const next = () => bits() / 2 ** 32
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => itemAt(items, Math.floor(next() * items.length)),
    hex(length) {
      let digits = ''
      while (digits.length < length) digits += bits().toString(16).padStart(8, '0')
      return digits.slice(0, length)
    },
  }
}

/** Prepares a choice by weight; items without weight are never chosen, and some item must have one. */
export function weighted<Item>(entries: readonly (readonly [Item, number])[]): Choice<Item> {
  let total = 0
  const limits = entries.map(([, weight]) => {
    total += weight
    return total
  })
  return (random) => {
    const target = random.next() * total
    let [low, high] = [0, limits.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((limits[middle] ?? 0) > target) high = middle
      else low = middle + 1
    }
    return itemAt(entries, low)[0]
  }
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError('nothing to choose from')
  return item
}
