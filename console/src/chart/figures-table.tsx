// The numbers of a chart as a table, which opens below it.

import type { ChartData } from './chart-data.ts'

/** The table. `caption` says what the numbers are. */
export function FiguresTable({ chart, caption }: { chart: ChartData; caption: string }) {
  const { dates, series, format, formatDate } = chart
  return (
    <details class="figures">
      <summary>Show as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable with the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Date</th>
              {series.map(({ label }) => (
                <th scope="col" class="number" key={label}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {dates.map((date, index) => (
              <tr key={date}>
                <th scope="row">{formatDate(date)}</th>
                {series.map(({ label, values }) => {
                  const value = values[index]
                  return (
                    <td class="number" key={label}>
                      {typeof value === 'number' ? format(value) : '–'}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
