// Collects what is wrong: equal findings are counted, and each kind keeps its first examples with a command to see it again.

/** What was found, and how to see it again. */
export interface Finding {
  kind: string
  text: string
  command: string
}

/** Findings of one kind. */
export interface FindingGroup {
  kind: string
  count: number
  examples: readonly Finding[]
}

const MAX_EXAMPLES = 5

/** All findings of a run. */
export class Findings {
  readonly #groups = new Map<string, { count: number; examples: Finding[] }>()
  readonly #onExample: (finding: Finding) => void

  /** Calls `onExample` with each example at once, since a run may take long. */
  constructor(onExample: (finding: Finding) => void = () => {}) {
    this.#onExample = onExample
  }

  /** Adds one. */
  add(finding: Finding): void {
    const group = this.#groups.get(finding.kind) ?? { count: 0, examples: [] }
    group.count += 1
    if (group.examples.length < MAX_EXAMPLES) {
      group.examples.push(finding)
      this.#onExample(finding)
    }
    this.#groups.set(finding.kind, group)
  }

  /** By kind, in the order they were found. */
  get groups(): FindingGroup[] {
    return [...this.#groups].map(([kind, group]) => ({ kind, ...group }))
  }

  get count(): number {
    return this.groups.reduce((sum, { count }) => sum + count, 0)
  }
}
