// The line of each UUID of a file, in 20 bytes a UUID (a JavaScript map takes six times that).

/** Four for the UUID and one for its line. */
const WORDS = 5
const FIRST_SLOTS = 1 << 16
/** Beyond this share of used slots the table doubles. */
const MAX_LOAD = 0.7

/** UUIDs in their usual form of 36 characters, and the line on which each came first. Lines count from 1. */
export class UuidLines {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0

  /** Returns the line on which the UUID came first; records `line` and returns undefined when it is new. */
  find(uuid: string, line: number): number | undefined {
    if (this.#size * WORDS > this.#slots.length * MAX_LOAD) this.#grow()
    const words = wordsOf(uuid)
    const at = slotOf(this.#slots, words)
    const earlier = this.#slots[at + 4]
    if (earlier !== 0) return earlier
    this.#slots.set([...words, line], at)
    this.#size += 1
    return undefined
  }

  /** Returns the line on which the UUID came first; undefined when it is on none. */
  lineOf(uuid: string): number | undefined {
    return this.#slots[slotOf(this.#slots, wordsOf(uuid)) + 4] || undefined
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2)
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      const entry = this.#slots.subarray(at, at + WORDS)
      if (entry[4] !== 0) larger.set(entry, slotOf(larger, entry))
    }
    this.#slots = larger
  }
}

function wordsOf(uuid: string): number[] {
  const hex = uuid.replaceAll('-', '')
  return [0, 8, 16, 24].map((from) => Number.parseInt(hex.slice(from, from + 8), 16))
}

/** Linear open addressing: where the slot of these words begins, or the free one (its line is 0) where they belong. */
function slotOf(slots: Uint32Array, words: ArrayLike<number>): number {
  const mask = slots.length / WORDS - 1
  for (let slot = hash(words) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS
    if (slots[at + 4] === 0) return at
    let isSame = true
    for (let word = 0; word < 4; word++) if (slots[at + word] !== words[word]) isSame = false
    if (isSame) return at
  }
}

/** UUIDs that count upwards must not fill neighboring slots. */
function hash(words: ArrayLike<number>): number {
  let mixed = 0
  for (let word = 0; word < 4; word++)
    mixed = Math.imul(mixed ^ (words[word] ?? 0), 0x9e3779b1) ^ (mixed >>> 15)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
