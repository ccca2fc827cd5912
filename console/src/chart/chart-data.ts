// What a chart shows, whichever way it is drawn.

/** One line of a chart, or one layer of its bars. */
export interface ChartSeries {
  label: string
  values: readonly (number | null)[]
  /** A custom property with its color, such as `--accent`. */
  ink: string
  /** Whether it is what the others are compared with. */
  isBefore?: boolean
}

/** What a chart shows. All series have a value, or null, for each of the dates. */
export interface ChartData {
  dates: readonly string[]
  series: readonly ChartSeries[]
  /** Lines, or bars whose layers stand on one another. */
  kind: 'lines' | 'bars'
  format: (value: number) => string
  /** A date as the axis has it. */
  formatTick: (date: string) => string
  /** A date as the tooltip and the table have it. */
  formatDate: (date: string) => string
}

/** Each layer with all layers below it, so that the last one has the height of the whole bar. */
export function stack(series: readonly ChartSeries[]): number[][] {
  const sums: number[] = []
  return series.map(({ values }) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0)
      return sums[index]
    }),
  )
}
