// A set of UUIDs in 16 bytes each (a JavaScript set takes five times that), for the ids a file has named so far.

const WORDS = 4
const FIRST_SLOTS = 1 << 16
/** Beyond this share of used slots the table doubles. */
const MAX_LOAD = 0.7

/** Holds any UUID but the one of zeros only, which `add` tells apart on its own. */
export class UuidSet {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS)
  #size = 0
  #hasZero = false

  /** Adds a UUID in its usual form of 36 characters; false when it was there already. */
  add(uuid: string): boolean {
    const hex = uuid.replaceAll('-', '')
    const words = [0, 8, 16, 24].map((from) => Number.parseInt(hex.slice(from, from + 8), 16))
    if (words.every((word) => word === 0)) {
      const isNew = !this.#hasZero
      this.#hasZero = true
      return isNew
    }
    if (this.#size * WORDS > this.#slots.length * MAX_LOAD) this.#grow()
    if (!insert(this.#slots, words)) return false
    this.#size += 1
    return true
  }

  #grow(): void {
    const larger = new Uint32Array(this.#slots.length * 2)
    for (let at = 0; at < this.#slots.length; at += WORDS) {
      const words = this.#slots.subarray(at, at + WORDS)
      if (words.some((word) => word !== 0)) insert(larger, words)
    }
    this.#slots = larger
  }
}

/** Open addressing, linear: false when the words are there already. A free slot holds zeros. */
function insert(slots: Uint32Array, words: ArrayLike<number>): boolean {
  const mask = slots.length / WORDS - 1
  for (let slot = hash(words) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS
    let isFree = true
    let isSame = true
    for (let word = 0; word < WORDS; word++) {
      if (slots[at + word] !== 0) isFree = false
      if (slots[at + word] !== words[word]) isSame = false
    }
    if (isSame) return false
    if (!isFree) continue
    for (let word = 0; word < WORDS; word++) slots[at + word] = words[word] ?? 0
    return true
  }
}

/** UUIDs that count upwards must not end up side by side. */
function hash(words: ArrayLike<number>): number {
  let mixed = 0
  for (let word = 0; word < WORDS; word++)
    mixed = Math.imul(mixed ^ (words[word] ?? 0), 0x9e3779b1) ^ (mixed >>> 15)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
