// Draws a chart with uPlot. A module of its own, so that the page can be read before it is there.

import uPlot from 'uplot'
import type { ChartData } from './chart-data.ts'
import { uplotData, uplotOptions } from './uplot-options.ts'

/** Where the pointer is: the date under it, and how far from the left of the chart. */
export interface Pointer {
  index: number
  left: number
  /** Whether it is in the right half. */
  isRight: boolean
}

/** A chart on the page. */
export interface DrawnChart {
  /** Draws it again in the size of its element. */
  resize: () => void
  /** Draws it again in the colors of the page. */
  recolor: () => void
  remove: () => void
}

/** Draws the chart into the element. `point` is called with undefined when the pointer leaves it. */
export function drawChart(
  chart: ChartData,
  box: HTMLElement,
  point: (pointer: Pointer | undefined) => void,
): DrawnChart {
  const onCursor = ({ cursor: { idx, left = -1 }, over }: uPlot) => {
    if (typeof idx !== 'number' || left < 0) return point(undefined)
    point({ index: idx, left: left + over.offsetLeft, isRight: left > over.clientWidth / 2 })
  }
  const draw = () => new uPlot(uplotOptions(chart, box, onCursor), uplotData(chart), box)
  let plot = draw()
  return {
    resize: () => plot.setSize({ width: box.clientWidth, height: box.clientHeight }),
    recolor() {
      plot.destroy()
      plot = draw()
    },
    remove: () => plot.destroy(),
  }
}
