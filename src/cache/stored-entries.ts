// Cached figures as they are stored: the text of an entry, how large it may be, and what is accepted as one.

import * as z from 'zod/mini'
import type { CacheEntry } from './freshness.ts'

/** A larger entry is not cached. */
const MAX_ENTRY_BYTES = 100_000
/** The entries of one request. A message with more could be refused, and the release of a slot with it. */
const MAX_MESSAGE_BYTES = 500_000

/** An entry as text. */
export interface StoredEntry {
  key: string
  text: string
}

const encoder = new TextEncoder()
/** Texts are encoded into this buffer to find their length in bytes. Nothing reads it. */
const scratch = new Uint8Array(MAX_ENTRY_BYTES)

/** The entries as text. Those that are too large are left out. */
export function toStoredEntries(entries: readonly { key: string; entry: CacheEntry }[]): StoredEntry[] {
  let total = 0
  return entries.flatMap(({ key, entry }) => {
    const text = JSON.stringify([entry.value, entry.readAt, entry.site, entry.window.from, entry.window.to])
    const { read, written } = encoder.encodeInto(text, scratch)
    if (read < text.length || total + written > MAX_MESSAGE_BYTES) return []
    total += written
    return [{ key, text }]
  })
}

const storedEntry = z.tuple([z.unknown(), z.number(), z.string(), z.string(), z.string()])

/** The entries in stored texts; undefined for a missing one and for anything that is not an entry. */
export function parseEntries(texts: readonly unknown[]): (CacheEntry | undefined)[] {
  return texts.map((text) => {
    if (typeof text !== 'string') return undefined
    try {
      const [value, readAt, site, from, to] = storedEntry.parse(JSON.parse(text))
      return { value, readAt, site, window: { from, to } }
    } catch {
      return undefined
    }
  })
}
