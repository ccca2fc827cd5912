// Splits a JSON array into its elements while it is read, so that each has a line number and the file may be long.
import type { Line } from './lines.ts'

const MAX_ELEMENT_LENGTH = 1_048_576

/**
 * Yields the text of each element of an array, with the line it begins on, when the first line begins with "[";
 * otherwise each line that is not blank. `check` sees the first line and may throw.
 */
export async function* readElements(
  lines: AsyncIterable<Line<string>>,
  check: (first: { line: number; value: string }) => void,
): AsyncGenerator<Line<string>> {
  let array: ArraySplitter | undefined
  let isFirst = true
  for await (const line of lines) {
    if ('problem' in line) {
      yield line
      continue
    }
    if (line.value.trim() === '' && array === undefined) continue
    if (isFirst) {
      isFirst = false
      check(line)
      if (line.value.trimStart().startsWith('[')) array = new ArraySplitter()
    }
    if (array === undefined) yield line
    else yield* array.read(line.line, line.value)
  }
  yield* array?.end() ?? []
}

/** Follows brackets and quotes only; whether an element is JSON is decided by whoever parses it. */
class ArraySplitter {
  #depth = 0
  #isInText = false
  #isEscaped = false
  #isClosed = false
  #line = 0
  #startLine = 0
  #parts: string[] = []
  #length = 0

  /** Returns the elements that end on this line. */
  read(line: number, text: string): Line<string>[] {
    const elements: Line<string>[] = []
    this.#line = line
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? ''
      if (this.#isInText) {
        this.#followText(character)
        continue
      }
      if (character === '"') this.#isInText = true
      else if (character === '[' || character === '{') this.#depth += 1
      else if (character === ']' || character === '}') this.#depth -= 1
      const opensArray = character === '[' && this.#depth === 1 && !this.#isClosed && this.#startLine === 0
      const closesArray = this.#depth === 0 && !this.#isClosed && (character === ']' || character === '}')
      const endsElement = closesArray || (character === ',' && this.#depth === 1)
      if (this.#isClosed) {
        if (character.trim() === '') continue
        return [...elements, { line, problem: 'it stands after the end of the array' }]
      }
      if (endsElement) {
        this.#keep(text.slice(from, at))
        elements.push(...this.#take(!closesArray))
      }
      if (opensArray || endsElement) from = at + 1
      else if (this.#startLine === 0 && character.trim() !== '') this.#startLine = line
      if (closesArray) this.#isClosed = true
    }
    // JSON strings cannot contain line breaks.
    this.#isInText = false
    this.#isEscaped = false
    this.#keep(`${text.slice(from)}\n`)
    return elements
  }

  /** Returns what is left when the file ends before the array does. */
  end(): Line<string>[] {
    return this.#isClosed ? [] : [{ line: this.#line, problem: 'the array is not closed with "]"' }]
  }

  #followText(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (character === '\\') this.#isEscaped = true
    else if (character === '"') this.#isInText = false
  }

  #keep(part: string): void {
    this.#length += part.length
    if (this.#length <= MAX_ELEMENT_LENGTH) this.#parts.push(part)
    else this.#parts = []
  }

  /** An empty element is an error unless it stands before the closing bracket. */
  #take(isFollowed: boolean): Line<string>[] {
    const value = this.#parts.join('').trim()
    const line = this.#startLine || this.#line
    const isTooLong = this.#length > MAX_ELEMENT_LENGTH
    this.#startLine = 0
    this.#parts = []
    this.#length = 0
    if (isTooLong) return [{ line, problem: 'it is longer than 1 MB' }]
    return value === '' && !isFollowed ? [] : [{ line, value }]
  }
}
