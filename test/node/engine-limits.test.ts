// The embedded engines under requests that never end: the request fails in time, all others go on, and the engine can be ended.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPlausibleProcess } from '../../local/plausible-process.ts'
import { openPglite } from '../../local/postgres/pglite-backend.ts'
import type { PostgresBackend } from '../../local/postgres/postgres-backend.ts'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import { type RedisBackend, RedisError, RedisStatus } from '../../local/redis/redis-backend.ts'

const LIMIT_MS = 400
/** An end takes milliseconds. This is what it may take on a machine with other work to do. */
const END_MS = 4000
/** A new Postgres has to start with the files of the old one. */
const REPLACEMENT_TIMEOUT_MS = 60_000
/** Long enough for a request to arrive and to be running. */
const ARRIVAL_MS = 300
const ENDLESS_QUERY = 'select count(*) from generate_series(1, 100000000000)'
const ENDLESS_SCRIPT = ['EVAL', 'while true do end', '0']

/** Fails if the event loop of this process stands still while the promise is pending. */
async function whileResponsive<Value>(pending: Promise<Value>): Promise<Value> {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, LIMIT_MS / 20)
  try {
    return await pending
  } finally {
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
  }
}

async function millisecondsOf(action: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action
  return performance.now() - startedAt
}

describe('the embedded Postgres', () => {
  const login = { user: 'owner', password: 'a-password', database: 'limits' }
  let postgres: PostgresBackend
  beforeAll(async () => {
    const users = [{ name: login.user, password: login.password, superuser: true }]
    postgres = await openPglite({ database: login.database, users, statementLimitMs: LIMIT_MS })
    await ask('create table entries (id int primary key)')
    await ask('insert into entries values (1)')
  })
  afterAll(() => postgres?.close())

  const ask = async (...texts: string[]) => {
    const queries = texts.map((text) => ({ text, values: [] }))
    const transaction = texts.length > 1 ? { readOnly: false, deferrable: false } : undefined
    return (await postgres.run(login, queries, transaction)).at(-1)?.rows
  }
  const ids = () => ask('select id from entries order by id')
  const timeout = { fields: { code: '57014' }, message: expect.stringContaining('statement timeout') }

  it('ends an endless statement with 57014 and keeps its data', async () => {
    await whileResponsive(expect(ask(ENDLESS_QUERY)).rejects.toMatchObject(timeout))
    expect(await ids()).toEqual([['1']])
  })

  it('ends an endless statement in a batch and undoes the batch', async () => {
    await expect(ask('insert into entries values (2)', ENDLESS_QUERY)).rejects.toMatchObject(timeout)
    expect(await ids()).toEqual([['1']])
  })

  it('runs the requests that waited for an endless statement', async () => {
    const [endless, ...waiting] = await Promise.allSettled([ask(ENDLESS_QUERY), ids(), ids()])
    expect(endless.status).toBe('rejected')
    expect(waiting).toEqual(Array(2).fill({ status: 'fulfilled', value: [['1']] }))
  })

  it.each([
    ['sleeps', 'select pg_sleep(600)'],
    [
      'catches the cancellation and goes on',
      'do $$ begin loop begin perform pg_sleep(0.01); exception when query_canceled then null; end; end loop; end $$',
    ],
  ])(
    'ends a statement that %s, and keeps data, users and the way they log in',
    async (_, text) => {
      await ask('insert into entries values (3)')
      await whileResponsive(expect(ask(text)).rejects.toMatchObject(timeout))
      expect(await ids()).toEqual([['1'], ['3']])
      expect(await ask('select current_user, session_user, current_database()')).toEqual([
        ['owner', 'owner', 'limits'],
      ])
      await ask('delete from entries where id = 3')
    },
    REPLACEMENT_TIMEOUT_MS,
  )
})

describe('the embedded Redis', () => {
  let redis: RedisBackend
  beforeAll(async () => {
    redis = await openEmbeddedRedis({ scriptLimitMs: LIMIT_MS })
  })
  afterAll(() => redis?.close())

  const send = async (...command: string[]) => (await redis.send([command]))[0]

  it('ends an endless script with an error and keeps its data', async () => {
    expect(await send('SET', 'kept', 'value')).toEqual(new RedisStatus('OK'))
    // Twice: the engine has to be ready for the next one.
    for (let time = 0; time < 2; time++) {
      const reply = await whileResponsive(send(...ENDLESS_SCRIPT))
      expect(reply).toBeInstanceOf(RedisError)
      expect(reply).toMatchObject({ message: expect.stringContaining('Script killed') })
    }
    expect(await send('GET', 'kept')).toEqual(Buffer.from('value'))
  })

  it.each([
    ['has written', "redis.call('SET', 'half', 'done') while true do end"],
    ['runs in one call of a library', "return string.find(string.rep('a', 50000), '.-.-.-.-b')"],
  ])('starts again, empty, after an endless script that %s', async (_, script) => {
    await send('SET', 'lost', 'value')
    await whileResponsive(expect(send('EVAL', script, '0')).rejects.toThrow(/started again, empty/))
    expect(
      await redis.send([
        ['GET', 'lost'],
        ['GET', 'half'],
      ]),
    ).toEqual([null, null])
  })

  it('ends at once in the middle of an endless script', async () => {
    const other = await openEmbeddedRedis()
    const rejected = expect(other.send([ENDLESS_SCRIPT])).rejects.toThrow('is closed')
    await sleep(ARRIVAL_MS)
    expect(await millisecondsOf(other.close())).toBeLessThan(END_MS)
    await rejected
  })
})

describe('the stand-in for Plausible in a process of its own', () => {
  const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n'
  const post = (url: string, sql: string) =>
    fetch(`${url}/local/sql`, { method: 'POST', body: JSON.stringify({ sql }) })

  it('starts again at the same address after an endless query', async () => {
    const restarted = Promise.withResolvers<void>()
    const plausible = await startPlausibleProcess({
      apiKey: 'a-key',
      demoTime: undefined,
      unresponsiveMs: 3000,
      onRestart: restarted.resolve,
    })
    await whileResponsive(expect(post(plausible.url, endless)).rejects.toThrow())
    await restarted.promise
    expect(await (await post(plausible.url, 'select 1 as one')).json()).toEqual({ rows: [{ one: 1 }] })
    await plausible.close()
  })

  it('ends at once in the middle of an endless query', async () => {
    const plausible = await startPlausibleProcess({
      apiKey: 'a-key',
      demoTime: undefined,
      onRestart: () => {},
    })
    const rejected = expect(post(plausible.url, endless)).rejects.toThrow()
    await sleep(ARRIVAL_MS)
    expect(await millisecondsOf(plausible.close())).toBeLessThan(END_MS)
    await rejected
  })
})
