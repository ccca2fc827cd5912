// How uPlot draws a chart: axes, lines or bars, and the mark under the pointer.

import uPlot from 'uplot'
import { formatShort } from '../format/numbers.ts'
import type { ChartData } from './chart-data.ts'
import { stack } from './chart-data.ts'
import { fadedInk, inkOf } from './inks.ts'

/** Steps between the ticks of the axis: days, weeks, and what divides months and years evenly. */
const STEPS = [1, 2, 3, 5, 7, 10, 14, 15, 21, 28, 30, 45, 60, 90, 120, 180, 365]
const FONT = '12px system-ui, sans-serif'
const TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
const BAR_WIDTH = 0.72
const MOST_POINTS_WITH_DOTS = 31

/** The options for an element of this size, in the colors of the page. */
export function uplotOptions(
  chart: ChartData,
  box: HTMLElement,
  onCursor: (plot: uPlot) => void,
): uPlot.Options {
  const quiet = inkOf(box, '--quiet')
  const grid = { stroke: inkOf(box, '--line'), width: 1 }
  const isBars = chart.kind === 'bars'
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: !isBars } },
    scales: {
      x: { time: false, range: xRange(chart) },
      y: { range: (_plot, _min, max) => [0, roundedUp(max)] },
    },
    axes: [
      {
        stroke: quiet,
        font: FONT,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        incrs: STEPS,
        size: 30,
        space: 72,
        values: (_plot, splits) => splits.map((index) => tickOf(chart, index)),
      },
      {
        stroke: quiet,
        font: FONT,
        grid,
        ticks: { show: false },
        size: 52,
        space: 44,
        incrs: [
          1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7,
        ],
        values: (_plot, splits) => splits.map(formatShort),
      },
    ],
    series: [{}, ...(isBars ? barSeries(chart, box) : lineSeries(chart, box))],
    hooks: { setCursor: [onCursor] },
  }
}

/** The numbers to draw. The highest bars come first, so that the lower ones are drawn over them. */
export function uplotData({ dates, series, kind }: ChartData): uPlot.AlignedData {
  const indexes = dates.map((_, index) => index)
  const values = kind === 'bars' ? stack(series).reverse() : series.map((one) => [...one.values])
  return [indexes, ...values]
}

/** The next number that reads well at the top of an axis, so that the highest tick is above all values. */
function roundedUp(max: number): number {
  if (max <= 0) return 1
  const magnitude = 10 ** Math.floor(Math.log10(max))
  return magnitude * (TOPS.find((top) => top * magnitude >= max) ?? 10)
}

function xRange({ dates, kind }: ChartData): uPlot.Range.MinMax {
  const margin = kind === 'bars' ? 0.6 : 0
  return [-margin, Math.max(dates.length - 1, 1) + margin]
}

function tickOf({ dates, formatTick }: ChartData, index: number): string {
  const date = dates[index]
  return date === undefined ? '' : formatTick(date)
}

function lineSeries({ series, dates }: ChartData, box: HTMLElement): uPlot.Series[] {
  return series.map(({ ink, isBefore = false }) => {
    const stroke = inkOf(box, ink)
    return {
      stroke,
      width: isBefore ? 1.5 : 2,
      ...(isBefore ? { dash: [5, 5] } : { fill: fadedInk(stroke, 0.1) }),
      points: { show: !isBefore && dates.length <= MOST_POINTS_WITH_DOTS, size: 5, fill: stroke },
    }
  })
}

function barSeries({ series }: ChartData, box: HTMLElement): uPlot.Series[] {
  const paths = uPlot.paths.bars?.({ size: [BAR_WIDTH, 40] })
  return series.toReversed().map(({ ink }) => {
    const fill = inkOf(box, ink)
    return { fill, stroke: fill, width: 0, points: { show: false }, ...(paths && { paths }) }
  })
}
