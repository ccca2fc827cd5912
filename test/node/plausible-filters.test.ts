// Compares the stand-in's filters with predicates over the same raw visits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visit } from '../../local/plausible/visit-line.ts'
import {
  activeSessions,
  askSpring,
  countEvents,
  countSessions,
  expectSameRows,
  first,
  firstMetricOf,
  inRange,
  isWithin,
  origin,
  startSpring,
} from './plausible/spring-visits.ts'
import type { PlausibleResponse, World } from './plausible/world.ts'

let world: World

beforeAll(async () => {
  world = await startSpring()
})

afterAll(() => world.plausible.close())

const query = (body: Record<string, unknown>): Promise<PlausibleResponse> => askSpring(world, body)

describe('v2 filters', () => {
  const cases: [string, unknown[], (visit: Visit) => boolean][] = [
    [
      'is',
      ['is', 'event:page', ['/jobs/one', '/about']],
      ({ pathname }) => /^\/(jobs\/one|about)$/.test(pathname),
    ],
    ['is not', ['is_not', 'event:page', ['/']], ({ pathname }) => pathname !== '/'],
    ['is nothing', ['is', 'event:page', []], () => false],
    [
      'is, in any case',
      ['is', 'event:page', ['/JOBS/ONE'], { case_sensitive: false }],
      ({ pathname }) => pathname.toLowerCase() === '/jobs/one',
    ],
    ['contains', ['contains', 'event:page', ['One', 'two']], ({ pathname }) => /One|two/.test(pathname)],
    ['contains not', ['contains_not', 'event:page', ['jobs']], ({ pathname }) => !pathname.includes('jobs')],
    [
      'contains, in any case',
      ['contains', 'event:page', ['ONE'], { case_sensitive: false }],
      ({ pathname }) => /one/i.test(pathname),
    ],
    [
      'matches anywhere',
      ['matches', 'event:page', ['s/o.e$', '^/ab']],
      ({ pathname }) => /s\/o.e$|^\/ab/.test(pathname),
    ],
    [
      'matches not',
      ['matches_not', 'event:page', ['^/jobs/']],
      ({ pathname }) => !pathname.startsWith('/jobs/'),
    ],
    ['matches beyond ASCII', ['matches', 'event:page', ['für$']], ({ pathname }) => pathname.endsWith('für')],
    ['a custom property', ['is', 'event:props:job_id', ['b']], ({ props }) => props?.['job_id'] === 'b'],
    [
      'a property in any case',
      ['is', 'event:props:job_id', ['b'], { case_sensitive: false }],
      ({ props }) => /^b$/i.test(String(props?.['job_id'])),
    ],
    [
      'a property that is absent',
      ['is', 'event:props:job_id', ['(none)', 'a']],
      ({ props }) => [undefined, 'a'].includes(props?.['job_id'] as string | undefined),
    ],
    [
      'a property that is not',
      ['is_not', 'event:props:job_id', ['a']],
      ({ props }) => props?.['job_id'] !== 'a',
    ],
    [
      'a property that is there and not',
      ['is_not', 'event:props:job_id', ['a', '(none)']],
      ({ props }) => ['b', 'B'].includes(String(props?.['job_id'])),
    ],
    [
      'a property that contains not',
      ['contains_not', 'event:props:plan', ['x']],
      ({ props }) => String(props?.['plan']) === 'Größe',
    ],
    [
      'a property with a quote',
      ['is', 'event:props:plan', ['x"y']],
      ({ props }) => props?.['plan'] === 'x"y',
    ],
    ['the event', ['is', 'event:name', ['Apply']], ({ name }) => name === 'Apply'],
    [
      'the host',
      ['contains', 'event:hostname', ['www2']],
      ({ hostname }) => hostname === 'www2.jobs.example',
    ],
    ['a source', ['is', 'visit:source', ['Google']], (visit) => origin(visit).source === 'Google'],
    ['no source', ['is', 'visit:source', ['Direct / None']], (visit) => origin(visit).source === undefined],
    [
      'some campaign',
      ['is_not', 'visit:utm_campaign', ['(not set)']],
      (visit) => origin(visit).utm_campaign !== undefined,
    ],
    ['a country', ['is', 'visit:country', ['FR', 'US']], (visit) => origin(visit).country !== undefined],
    ['a city', ['is', 'visit:city', [2988507]], (visit) => origin(visit).city === 2988507],
    [
      'and',
      [
        'and',
        [
          ['is', 'event:page', ['/']],
          ['is', 'visit:device', ['Mobile']],
        ],
      ],
      (visit) => visit.pathname === '/' && origin(visit).device === 'Mobile',
    ],
    [
      'or',
      [
        'or',
        [
          ['is', 'event:page', ['/']],
          ['is', 'visit:device', ['Mobile']],
        ],
      ],
      (visit) => visit.pathname === '/' || origin(visit).device === 'Mobile',
    ],
    [
      'not',
      [
        'not',
        [
          'or',
          [
            ['is', 'event:page', ['/']],
            ['is', 'event:props:job_id', ['a']],
          ],
        ],
      ],
      ({ pathname, props }) => pathname !== '/' && props?.['job_id'] !== 'a',
    ],
  ]

  test.each(cases)('%s: counts the events that match', async (_, filter, holds) => {
    const response = await query({
      metrics: ['visitors', 'visits', 'pageviews', 'events'],
      dimensions: ['event:page'],
      filters: [filter],
    })
    expectSameRows(
      response,
      countEvents(inRange.filter(holds), (visit) => [visit.pathname]),
    )
  })

  test('several filters: counts the visits that match all of them', async () => {
    const filters = [
      ['is', 'visit:country', ['FR']],
      ['contains', 'event:page', ['/jobs/']],
      ['is_not', 'visit:source', ['Google']],
    ]
    const holds = (visit: Visit) =>
      origin(visit).country === 'FR' && visit.pathname.includes('/jobs/') && origin(visit).source !== 'Google'
    const response = await query({ dimensions: ['visit:source'], filters })
    const counted = countEvents(inRange.filter(holds), (visit) => [origin(visit).source ?? 'Direct / None'])
    expectSameRows(response, firstMetricOf(counted))
  })

  test('metrics of visits: count visits with the attributes that have one event matching all event filters', async () => {
    const filters = [
      ['is', 'visit:country', ['FR']],
      ['is', 'event:props:job_id', ['a']],
      ['is', 'event:name', ['Apply']],
    ]
    const response = await query({
      metrics: ['visitors', 'visits', 'bounce_rate', 'visit_duration'],
      filters,
    })
    const applied = (visit: Visit) =>
      visit.name === 'Apply' && visit.props?.['job_id'] === 'a' && isWithin(visit.timestamp)
    const chosen = activeSessions.filter(
      (session) => first(session).country === 'FR' && session.some(applied),
    )
    expectSameRows(
      response,
      countSessions(chosen, () => []),
    )
  })

  test('"is" accepts 5,000 values, "contains" fails with 500 at 256', async () => {
    const values = Array.from({ length: 4_999 }, (_, index) => `/nowhere/${index}`)
    const response = await query({ filters: [['is', 'event:page', ['/', ...values]]] })
    expect(response.body.results).toEqual(
      (await query({ filters: [['is', 'event:page', ['/']]] })).body.results,
    )
    expect((await query({ filters: [['contains', 'event:page', values.slice(0, 255)]] })).status).toBe(200)
    const tooMany = await query({ filters: [['contains', 'event:page', values.slice(0, 256)]] })
    expect(tooMany).toMatchObject({
      status: 500,
      body: { error: 'internal server error', support_hash: expect.any(String) },
    })
  })
})
