// Numbers as people of the browser's language write them.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 })
const minutes = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'minute', unitDisplay: 'narrow' })
const seconds = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'second', unitDisplay: 'narrow' })
const plural = new Intl.PluralRules('en')

/** 12,345 */
export function formatCount(value: number): string {
  return whole.format(value)
}

/** 12.3K */
export function formatShort(value: number): string {
  return short.format(value)
}

/** 12.3%, of a percentage such as 12.3. */
export function formatPercent(value: number): string {
  return percent.format(value / 100)
}

/** 12%, of a part and its whole. */
export function formatShare(part: number, total: number): string {
  return share.format(total === 0 ? 0 : part / total)
}

/** 1m 23s, of seconds. */
export function formatDuration(value: number): string {
  const rest = seconds.format(Math.round(value) % 60)
  return value < 60 ? rest : `${minutes.format(Math.floor(Math.round(value) / 60))} ${rest}`
}

/** "1 job", "12,345 jobs". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${plural.select(count) === 'one' ? one : many}`
}
