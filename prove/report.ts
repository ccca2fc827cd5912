// The report of a run, as Markdown that reads well in a terminal.

import { cpus } from 'node:os'
import { RECOVERY_LIMIT_MS } from './faults/fault-log.ts'
import type { Effort, RunFigures } from './run-prove.ts'
import type { ProveStack } from './stack/prove-stack.ts'

/** The report. */
export function reportOf(stack: ProveStack, figures: RunFigures, effort: Effort): string {
  const { findings, tally } = figures
  const verdict =
    findings.count === 0
      ? `Nothing was wrong with ${number(tally.requests)} requests.`
      : `**${number(findings.count)} findings**, see the end.`
  return [
    '# Proof',
    '',
    `${verdict} Written by \`npm run prove\`, which says what it does with \`-- --help\`.`,
    '',
    ...runLines(stack, figures, effort),
    ...requestLines(figures),
    ...limitLines(figures, effort),
    ...faultLines(figures),
    ...latencyLines(figures),
    ...processLines(figures),
    ...findingLines(figures),
  ].join('\n')
}

function runLines(
  { redis, postgres, analytics, workers }: ProveStack,
  figures: RunFigures,
  effort: Effort,
): string[] {
  const { seed, startedAt, seconds } = figures
  const skews = workers.map(({ skewMs }) => `${skewMs > 0 ? '+' : ''}${skewMs / 1_000} s`)
  return table(
    'The run',
    ['what', 'value'],
    [
      ['begun', `${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${seconds} s`],
      ['command', `\`npm run prove -- --seed ${seed} --minutes ${effort.minutes}\``],
      [
        'Workers',
        `${workers.length} processes of workerd, minified bundle, clocks ahead by ${skews.join(', ')}`,
      ],
      ['stores', [redis.engine, postgres.engine, analytics.engine].join(', ')],
      ['limits', `100 requests in ${effort.windowSeconds} s, 10 at once, per key`],
      ['machine', `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`],
    ],
  )
}

function requestLines({ tally }: RunFigures): string[] {
  const rows = [...tally.responses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => [name, number(count)])
  const kinds = [...tally.kinds].map(([kind, count]) => `${number(count)} with unusual ${kind}`)
  return [
    ...table('Generated requests', ['response', 'count'], rows),
    `In all ${number(tally.requests)}: ${kinds.join(', ')}.`,
    '',
    'Every response was compared with openapi.json and searched for data of other organizations. Of those with figures,',
    `${number(tally.compared)} were compared with a count by hand. ${number(tally.followed)} times a client came back with an ETag or followed a list to its end.`,
    `${number(tally.withoutLimits)} responses reported no limits while Redis was well, because it had taken longer than 0.8 s.`,
    '',
  ]
}

function limitLines(
  { crowd: { rate, concurrency }, ledger, slots }: RunFigures,
  { windowSeconds }: Effort,
): string[] {
  const { recorded, busiest } = ledger.totals
  return table(
    'Limits',
    ['what', 'value'],
    [
      ['admitted requests whose times were checked', number(recorded)],
      [`most that one key certainly had in ${windowSeconds} s`, number(busiest)],
      [
        'requests of clients at the limit of the rate',
        `${number(rate.sent)}: ${number(rate.admitted)} admitted, ${number(rate.refused)} refused`,
      ],
      ['times that a client waited for `Retry-After` and was admitted', number(rate.waits)],
      [
        'rounds of 24 requests at once',
        `${number(concurrency.rounds)}: ${number(concurrency.refused)} refused, ${number(concurrency.aborted)} given up`,
      ],
      ['most requests of one key in progress at once', number(concurrency.mostAtOnce)],
      ['slots taken 3 s after the last request', number(slots.soon)],
      ['slots taken after the lease of 15 s', number(slots.late)],
    ],
  )
}

function faultLines({ faults: { faults } }: RunFigures): string[] {
  const kinds = Map.groupBy(faults, ({ store, what }) => `${store} ${what}`)
  const rows = [...kinds.values()].map((ofKind) => {
    const lengths = ofKind.map(({ from, until }) => (until ?? from) - from)
    const recoveries = ofKind.map(({ until = Infinity, recoveredAt = Infinity }) => recoveredAt - until)
    const recovered = recoveries.filter(Number.isFinite)
    return [
      ...[ofKind[0]?.store ?? '', ofKind[0]?.what ?? ''],
      ...[number(ofKind.length), seconds(Math.max(...lengths)), number(recovered.length)],
      recovered.length === 0 ? '' : seconds(Math.max(...recovered)),
    ]
  })
  const limit = `All Workers have to respond as before within ${RECOVERY_LIMIT_MS / 1_000} s, with figures that no cache holds.`
  const columns = ['store', 'was', 'times', 'at most for', 'recovered', 'at most after']
  return [...table('Failing stores', columns, rows), limit, '']
}

function latencyLines({ latencies }: RunFigures): string[] {
  const rows = latencies.minutes.map(({ minute, responses, medianMs, p99Ms, longestMs }) => [
    String(minute + 1),
    number(responses),
    ...[medianMs, p99Ms, longestMs].map((ms) => `${ms.toFixed(1)} ms`),
  ])
  return table(
    'Latency while no store was failing',
    ['minute', 'responses', 'median', '99th percentile', 'longest'],
    rows,
  )
}

function processLines({ processes }: RunFigures): string[] {
  const rows = processes.map(({ name, early, late, most }) => [
    name,
    ...[early, late, most].map(({ megabytes, files }) => `${Math.round(megabytes)} MB, ${files} files`),
  ])
  return table('Memory and open files', ['process', 'second quarter', 'last quarter', 'most'], rows)
}

function findingLines({ findings }: RunFigures): string[] {
  if (findings.count === 0) return []
  const lines = findings.groups.flatMap(({ kind, count, examples }) => [
    `### ${kind}: ${number(count)}`,
    '',
    ...examples.flatMap(({ text, command }) => [`- ${text.replaceAll('\n', ' ')}`, `  \`${command}\``]),
    '',
  ])
  return ['## Findings', '', ...lines]
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line), '']
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
