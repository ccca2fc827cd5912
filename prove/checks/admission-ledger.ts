// Checks the limits by timestamps alone: when requests were sent, when their responses came, and which were admitted.

/** The limits to hold. */
export interface LedgerLimits {
  requests: number
  windowMs: number
}

/** An admitted request. It was admitted at some moment between the two. */
export interface AdmittedSpan {
  sentAt: number
  receivedAt: number
}

/** More requests of one key than the limit, all admitted within less than one window. */
export interface Overrun {
  key: string
  admitted: number
  from: number
  to: number
}

/** Two clocks are compared: that of this process and that of the Redis server. */
const CLOCK_TOLERANCE_MS = 5

/** Records admitted requests by key. What it reports is certain: no order of events could excuse it. */
export class AdmissionLedger {
  readonly #limits: LedgerLimits
  readonly #spans = new Map<string, AdmittedSpan[]>()
  #since = Number.NEGATIVE_INFINITY
  #recorded = 0
  #busiest = 0

  constructor(limits: LedgerLimits) {
    this.#limits = limits
  }

  /** How many were recorded, and the most that one key certainly had in one window. */
  get totals(): { recorded: number; busiest: number } {
    return { recorded: this.#recorded, busiest: this.#busiest }
  }

  /** Records a request whose response has just come. Returns the overrun that it completes, if any. */
  record(key: string, span: AdmittedSpan): Overrun | undefined {
    const { requests, windowMs } = this.#limits
    if (span.sentAt < this.#since) return undefined
    this.#recorded += 1
    const from = span.receivedAt - windowMs + CLOCK_TOLERANCE_MS
    const recent = [...(this.#spans.get(key) ?? []), span].filter(
      ({ receivedAt }) => receivedAt > from - windowMs,
    )
    this.#spans.set(key, recent)
    // Those that were sent before may have been admitted before the window.
    const within = recent.filter(({ sentAt }) => sentAt > from)
    this.#busiest = Math.max(this.#busiest, within.length)
    if (within.length <= requests) return undefined
    return { key, admitted: within.length, from, to: span.receivedAt }
  }

  /** Whether the window of a key whose requests come one after the other can have been full when it was refused. */
  canBeFull(key: string, { sentAt }: Pick<AdmittedSpan, 'sentAt'>): boolean {
    const { requests, windowMs } = this.#limits
    const from = sentAt - windowMs - CLOCK_TOLERANCE_MS
    return (this.#spans.get(key) ?? []).filter(({ receivedAt }) => receivedAt > from).length >= requests
  }

  /** Forgets all requests sent before: the store has lost what it counted, for which the API makes no promise. */
  forgetBefore(at: number): void {
    this.#since = at
    this.#spans.clear()
  }
}
