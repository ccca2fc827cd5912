// A short name for a text that is cheap enough for every answer.

const SEEDS = [0x9747b28c, 0x3c6ef372] as const

/**
 * 64 bits that differ for different texts as good as always, in base 36: MurmurHash3 (x86, 32 bits) of its UTF-16 code
 * units, with two seeds. Not for texts that somebody may choose to have the same name; `digestOf` is.
 */
export function fingerprintOf(text: string): string {
  let [first, second]: [number, number] = [...SEEDS]
  for (let i = 0; i < text.length; i += 2) {
    let block = text.charCodeAt(i)
    if (i + 1 < text.length) block |= text.charCodeAt(i + 1) << 16
    block = Math.imul(block, 0xcc9e2d51)
    block = Math.imul((block << 15) | (block >>> 17), 0x1b873593)
    first = mixIn(first, block)
    second = mixIn(second, block)
  }
  return finish(first, text.length).toString(36) + finish(second, text.length).toString(36).padStart(7, '0')
}

function mixIn(hash: number, block: number): number {
  const mixed = hash ^ block
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number, length: number): number {
  let mixed = hash ^ length
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
