// A chart of figures over time with a tooltip. It is for the eye: `FiguresTable` has the same numbers for everyone.

import { useEffect, useRef, useState } from 'preact/hooks'
import 'uplot/dist/uPlot.min.css'
import type { ChartData } from './chart-data.ts'
import type { Pointer } from './draw-chart.ts'
import { onSchemeChange } from './inks.ts'

/** Requested at once, while the figures are being read. */
const drawing = import('./draw-chart.ts')

/** The chart, as wide as its parent. */
export function Chart({ chart }: { chart: ChartData }) {
  const box = useRef<HTMLDivElement>(null)
  const [pointer, setPointer] = useState<Pointer>()
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const ends: (() => void)[] = []
    let isGone = false
    void drawing.then(({ drawChart }) => {
      if (isGone) return
      const drawn = drawChart(chart, element, setPointer)
      const resizes = new ResizeObserver(drawn.resize)
      resizes.observe(element)
      ends.push(onSchemeChange(drawn.recolor), () => resizes.disconnect(), drawn.remove)
    })
    return () => {
      isGone = true
      for (const end of ends) end()
    }
  }, [chart])
  return (
    <div class="chart">
      <div class="chart-canvas" ref={box} aria-hidden="true" />
      {pointer && <Tooltip chart={chart} pointer={pointer} />}
    </div>
  )
}

function Tooltip({ chart, pointer }: { chart: ChartData; pointer: Pointer }) {
  const { dates, series, format, formatDate } = chart
  const date = dates[pointer.index]
  if (date === undefined) return null
  return (
    <div
      class={`tooltip ${pointer.isRight ? 'is-left' : ''}`}
      style={{ '--left': `${pointer.left}px` }}
      aria-hidden="true"
    >
      <strong>{formatDate(date)}</strong>
      {series.map(({ label, values, ink }) => {
        const value = values[pointer.index]
        return (
          <span key={label}>
            <i class="swatch" style={{ '--ink': `var(${ink})` }} />
            {label}
            <b>{typeof value === 'number' ? format(value) : '–'}</b>
          </span>
        )
      })}
    </div>
  )
}
