// Remembers on which line each text of a file came first, in 12 bytes a text, so that a million of them stay small.

const WORDS = 3
const FIRST_SLOTS = 1 << 12
/** Beyond this share of used slots the table doubles. */
const MAX_LOAD = 0.7

/** Texts are told apart by 64 bits of a hash: among a million, two differ with a chance of 1 in 30 million. */
export class FirstLines {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0

  /** Returns the line, from 1, on which the text came first; records `line` and returns undefined when it is new. */
  find(text: string, line: number): number | undefined {
    if (this.#size * WORDS > this.#slots.length * MAX_LOAD) this.#grow()
    const [first, second] = hash(text)
    const at = slotOf(this.#slots, first, second)
    const earlier = this.#slots[at + 2]
    if (earlier !== 0) return earlier
    this.#slots.set([first, second, line], at)
    this.#size += 1
    return undefined
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2)
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      const entry = this.#slots.subarray(at, at + WORDS)
      if (entry[2] !== 0) larger.set(entry, slotOf(larger, entry[0] ?? 0, entry[1] ?? 0))
    }
    this.#slots = larger
  }
}

/** The slot that holds this hash, or the free one (its line is 0) where it belongs. */
function slotOf(slots: Uint32Array, first: number, second: number): number {
  const mask = slots.length / WORDS - 1
  for (let slot = first & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS
    if (slots[at + 2] === 0 || (slots[at] === first && slots[at + 1] === second)) return at
  }
}

/** Two FNV-1a hashes of 32 bits with different seeds and a final mix. */
function hash(text: string): [number, number] {
  let first = 0x811c9dc5
  let second = 0x9747b28c
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second ^ unit, 0x5bd1e995)
  }
  return [mix(first), mix(second)]
}

function mix(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return (twice ^ (twice >>> 16)) >>> 0
}
