// Wall-clock time in a zone, computed with Intl, which the stand-in does not use.

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Returns the local date and hour of an instant (UTC epoch seconds). */
export function localTime(timestamp: number, timeZone: string): { date: string; hour: string } {
  const text = formatter(timeZone).format(timestamp * 1000)
  const [date = '', time = ''] = text.split(', ')
  const [day, month, year] = date.split('/')
  return { date: `${year}-${month}-${day}`, hour: `${time.slice(0, 2)}:00:00` }
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  const format =
    formatters.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
      ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
    })
  formatters.set(timeZone, format)
  return format
}
