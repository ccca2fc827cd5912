// Splits a visitor's events into visits (sessions): pure functions without storage.

/** The fields of an event that decide about visits; timestamps are UTC epoch seconds. */
export type SessionEvent = {
  readonly timestamp: number
  readonly name: string
  readonly pathname: string
  readonly acquisitionId: number
}

/** A visit. Its first event decides its source; its first and last page views are its entry and exit page. */
export type Session<Event extends SessionEvent> = {
  readonly events: readonly Event[]
  readonly acquisitionId: number
  readonly startedAt: number
  readonly endedAt: number
  readonly pageviews: number
  readonly isBounce: boolean
  readonly entryPage: string
  readonly exitPage: string
}

// Plausible compares whole minutes: an event up to 30 min 59 s after the previous one belongs to the same visit.
const LONGEST_GAP_MINUTES = 30

/** Splits one visitor's events, in any order, into visits; ties keep their order. */
export function splitIntoSessions<Event extends SessionEvent>(events: readonly Event[]): Session<Event>[] {
  const sorted = events.length > 1 ? events.toSorted((a, b) => a.timestamp - b.timestamp) : events
  const groups: Event[][] = []
  let last: Event | undefined
  for (const event of sorted) {
    const gapMinutes = last && Math.floor((event.timestamp - last.timestamp) / 60)
    if (gapMinutes !== undefined && gapMinutes <= LONGEST_GAP_MINUTES) groups.at(-1)?.push(event)
    else groups.push([event])
    last = event
  }
  return groups.flatMap(describeSession)
}

function describeSession<Event extends SessionEvent>(events: readonly Event[]): Session<Event>[] {
  const first = events.at(0)
  const last = events.at(-1)
  if (first === undefined || last === undefined) return []
  const pageviews = events.filter((event) => event.name === 'pageview')
  return [
    {
      events,
      acquisitionId: first.acquisitionId,
      startedAt: first.timestamp,
      endedAt: last.timestamp,
      pageviews: pageviews.length,
      isBounce: events.length === 1,
      entryPage: pageviews.at(0)?.pathname ?? '',
      exitPage: pageviews.at(-1)?.pathname ?? '',
    },
  ]
}
