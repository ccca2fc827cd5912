// The clients that test limits, against an API with right limits and against some with a planted fault.
import { describe, expect, it } from 'vitest'
import { AdmissionLedger } from '../../prove/checks/admission-ledger.ts'
import { Findings } from '../../prove/checks/findings.ts'
import { attackConcurrency } from '../../prove/clients/concurrency-client.ts'
import { attackRate, type LimitSubject, paceEvenly, waitPolitely } from '../../prove/clients/limit-clients.ts'
import { createCrowdFigures } from '../../prove/clients/limit-crowd.ts'
import { FaultLog } from '../../prove/faults/fault-log.ts'
import { preciseNow } from '../../prove/requests/send-case.ts'
import { type FaultyApiOptions, startFaultyApi } from './prove/faulty-api.ts'

const LIMITS = { requests: 20, windowMs: 1_000 }
const RIGHT: FaultyApiOptions = { ...LIMITS, concurrent: 10, delayMs: 1 }

/** Runs a client for some seconds. Resolves to the texts of what it found, and what it did. */
async function findingsOf(
  api: FaultyApiOptions,
  run: (subject: LimitSubject, figures: ReturnType<typeof createCrowdFigures>) => Promise<void>,
  ms = 3_500,
) {
  const server = await startFaultyApi(api)
  const findings = new Findings()
  const ledger = new AdmissionLedger(LIMITS)
  const figures = createCrowdFigures()
  const subject: LimitSubject = {
    ...{ seed: 'limits', urls: [server.url], key: 'key', target: '/', ...LIMITS, findings },
    faults: new FaultLog(),
    onAdmitted: (key, response) => {
      const overrun = ledger.record(key, response)
      if (overrun) findings.add({ kind: 'limit', text: `${overrun.admitted} admitted`, command: '' })
    },
    canBeFull: (key, refusal) => ledger.canBeFull(key, refusal),
    until: preciseNow() + ms,
  }
  await run(subject, figures)
  await server.close()
  return { texts: findings.groups.flatMap(({ examples }) => examples.map(({ text }) => text)), figures }
}

describe('the client that attacks the rate', () => {
  const attack = (api: FaultyApiOptions) =>
    findingsOf(api, (subject, { rate }) => attackRate(subject, rate, 'attacker'))

  it('finds nothing where the limit is right, and reaches it', async () => {
    const { texts, figures } = await attack(RIGHT)
    expect(texts).toEqual([])
    expect(figures.rate.admitted).toBeGreaterThanOrEqual(LIMITS.requests)
    expect(figures.rate.refused).toBeGreaterThan(0)
  })

  it('finds a limit that admits one too many', async () => {
    const { texts } = await attack({ ...RIGHT, requests: LIMITS.requests + 1 })
    expect(texts[0]).toBe('21 admitted')
  })

  it('finds a window that is too short', async () => {
    const { texts } = await attack({ ...RIGHT, windowMs: LIMITS.windowMs / 10 })
    expect(texts.length).toBeGreaterThan(0)
  })
})

describe('the client that waits', () => {
  it('is admitted where the limit is right, and finds a refusal after the promised time', async () => {
    const polite = (api: FaultyApiOptions) =>
      findingsOf(api, (subject, { rate }) => waitPolitely(subject, rate))
    const right = await polite(RIGHT)
    expect(right.texts).toEqual([])
    expect(right.figures.rate.waits).toBeGreaterThan(0)
    const wrong = await polite({ ...RIGHT, neverForgives: true })
    expect(wrong.texts[0]).toContain('a client that had waited for `Retry-After` was refused')
  })
})

describe('the client that keeps to the rate', () => {
  it('is never refused where the limit is right, and finds a limit that is too low', async () => {
    const paced = (api: FaultyApiOptions) => findingsOf(api, (subject, { rate }) => paceEvenly(subject, rate))
    expect((await paced(RIGHT)).texts).toEqual([])
    expect((await paced({ ...RIGHT, requests: 3 })).texts[0]).toContain(
      'a client that keeps to the rate was refused',
    )
  })
})

describe('the client that attacks concurrency', () => {
  const attack = (concurrent: number) => {
    const watchers: ((inFlight: number) => void)[] = []
    const api = { requests: 10_000, windowMs: 1_000, concurrent, delayMs: 100 }
    const onBegin = (inFlight: number) => watchers.forEach((watcher) => void watcher(inFlight))
    return findingsOf(
      { ...api, onBegin },
      (subject, { concurrency }) =>
        attackConcurrency(
          { ...subject, nextTarget: () => '/', concurrent: 10, watch: (watcher) => watchers.push(watcher) },
          concurrency,
        ),
      4_500,
    )
  }

  it('finds nothing where ten are admitted at once, and reaches ten', async () => {
    const { texts, figures } = await attack(10)
    expect(texts).toEqual([])
    expect(figures.concurrency.mostAtOnce).toBe(10)
  })

  it('finds the eleventh', async () => {
    expect((await attack(11)).texts[0]).toBe('11 requests of one key were in progress at once')
  })
})

describe('the ledger of admissions', () => {
  const span = (at: number) => ({ sentAt: at - 2, receivedAt: at })

  it('reports one too many within a window, and nothing where a window lies between', () => {
    const ledger = new AdmissionLedger({ requests: 3, windowMs: 1_000 })
    expect([0, 100, 200].map((at) => ledger.record('a', span(at)))).toEqual([undefined, undefined, undefined])
    expect(ledger.record('b', span(300))).toBeUndefined()
    expect(ledger.record('a', span(900))).toMatchObject({ key: 'a', admitted: 4 })
    expect(ledger.record('a', span(1_905))).toBeUndefined()
  })

  it('does not count a request that may have been admitted before the window', () => {
    const ledger = new AdmissionLedger({ requests: 1, windowMs: 1_000 })
    ledger.record('a', { sentAt: -500, receivedAt: 600 })
    expect(ledger.record('a', span(900))).toBeUndefined()
  })

  it('does not count requests that were sent before the store lost its data', () => {
    const ledger = new AdmissionLedger({ requests: 1, windowMs: 1_000 })
    ledger.record('a', span(100))
    ledger.forgetBefore(150)
    expect(ledger.record('a', { sentAt: 140, receivedAt: 160 })).toBeUndefined()
    expect(ledger.record('a', span(200))).toBeUndefined()
    expect(ledger.record('a', span(300))).toMatchObject({ admitted: 2 })
  })
})
