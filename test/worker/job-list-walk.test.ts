import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobListResponse } from '../../src/endpoints/job-list/response.ts'
import { createApi, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'

const api = createApi({ RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100' })

async function list(search: string, key: string): Promise<JobListResponse> {
  const response = await api.call(`/jobs?${search}`, withKey(key))
  expect(response.status, response.text).toBe(200)
  return response.json as JobListResponse
}

/** Walks a list by its cursors; `between` runs after each page. */
async function walk(
  search: string,
  key: string,
  between: (page: number) => Promise<unknown> = async () => {},
) {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { data, meta }: JobListResponse = await list(`${search}${cursor && `&cursor=${cursor}`}`, key)
    ids.push(...data.map(({ id }) => id))
    cursor = meta.pagination.next_cursor
    await between(meta.pagination.current_page)
  }
  return ids
}

/** 6,000 jobs of four creation times, microseconds apart, and seven titles; "rare" is the title of 12. */
async function createLargeOrganization() {
  const { id } = await createOrganization(0)
  await asOwner(
    `insert into jobs (id, organization_id, title, slug, path, status, created_at)
     select gen_random_uuid(), $1, case when n % 500 = 0 then 'Rare find' else 'Title ' || n % 7 end, 's', '/' || n,
       case when n % 3 = 0 then 'draft' else 'active' end::job_status,
       timestamptz '2026-01-01 00:00:00.123456Z' + (n % 4) * interval '1 microsecond'
     from generate_series(1, 6000) n`,
    [id],
  )
  return { id, key: await issueKey(id) }
}

const large = await createLargeOrganization()
const idsBySql = async (order: string, condition = 'true') =>
  (
    await asOwner(`select id::text from jobs where organization_id = $1 and ${condition} order by ${order}`, [
      large.id,
    ])
  ).map(({ id }) => id)

describe('a walk through thousands of jobs that are equal in what they are sorted by', () => {
  it.each([
    ['sort=-created_at', 'created_at desc, id desc', 'true'],
    ['sort=created_at', 'created_at, id', 'true'],
    ['sort=title', 'title, id', 'true'],
    ['sort=title&status=draft', 'title, id', `status = 'draft'`],
    ['status=active', 'created_at desc, id desc', `status = 'active'`],
    ['q=title', 'created_at desc, id desc', `title like 'Title%'`],
    ['q=title+3&sort=title', 'title, id', `title = 'Title 3'`],
    ['q=rare', 'created_at desc, id desc', `title like 'Rare%'`],
    ['q=find+rare&sort=title&status=draft', 'title, id', `title like 'Rare%' and status = 'draft'`],
  ])('meets each once and in order: %s', async (search, order, condition) => {
    const expected = await idsBySql(order, condition)
    expect(await walk(`${search}&per_page=100`, large.key)).toEqual(expected)
    expect(expected.length).toBeGreaterThan(2)
  })

  it('counts the matches of a search up to 1,000 and says when there are more', async () => {
    const pagination = async (search: string) => (await list(search, large.key)).meta.pagination
    expect(await pagination('q=title')).toMatchObject({
      total_items: 1_000,
      total_items_capped: true,
      total_pages: 50,
    })
    expect(await pagination('q=rare')).toMatchObject({ total_items: 12, has_more: false })
    expect(await pagination('q=rare')).not.toHaveProperty('total_items_capped')
    const [{ count } = {}] = await asOwner(
      `select count(*)::int from jobs where organization_id = $1 and title = 'Title 3'`,
      [large.id],
    )
    expect(await pagination('q=title+3')).toMatchObject({ total_items: count, has_more: true })
    expect(await pagination('q=nowhere')).toMatchObject({ total_items: 0, total_pages: 0, next_cursor: null })
  })

  it('finds the same by number as by cursor, also far from the first matches', async () => {
    for (const q of ['title', 'rare', 'title 3']) {
      const pages = [1, 2, 5, 9].map(
        async (page) => (await list(`q=${q}&per_page=50&page=${page}`, large.key)).data,
      )
      const all = await walk(`q=${q}&per_page=50`, large.key)
      const slices = [1, 2, 5, 9].map((page) => all.slice((page - 1) * 50, page * 50))
      expect((await Promise.all(pages)).map((data) => data.map(({ id }) => id))).toEqual(slices)
    }
  })

  it('meets each once while others are added, changed and taken away', async () => {
    const before = await idsBySql('title, id')
    const gone = new Set<unknown>()
    const walked = await walk('sort=title&per_page=100', large.key, async (page) => {
      await asOwner(
        `insert into jobs (id, organization_id, title, slug, path)
         select gen_random_uuid(), $1, title, 's', '/' from unnest(array['Aaa', 'Title 3', 'Zzz']) title`,
        [large.id],
      )
      const [victim] = before.slice(-page)
      gone.add(victim)
      await asOwner('delete from jobs where id = $1', [victim])
    })
    expect(new Set(walked).size).toBe(walked.length)
    const met = new Set<unknown>(walked)
    expect(before.filter((id) => !met.has(id) && !gone.has(id))).toEqual([])
    const old = new Set<unknown>(before)
    expect(walked.filter((id) => old.has(id))).toEqual(before.filter((id) => met.has(id)))
  })
})

describe('the counts of jobs', () => {
  const status = fc.constantFrom('pending', 'active', 'expired', 'draft')
  const index = fc.nat(2)
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('insert' as const),
      index,
      status,
      amount: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({
      kind: fc.constant('update' as const),
      index,
      status,
      amount: fc.integer({ min: 0, max: 9 }),
    }),
    fc.record({ kind: fc.constant('move' as const), index, status, amount: fc.integer({ min: 0, max: 3 }) }),
    fc.record({
      kind: fc.constant('delete' as const),
      index,
      status,
      amount: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({
      kind: fc.constant('upsert' as const),
      index,
      status,
      amount: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ kind: fc.constant('leave' as const), index, status, amount: fc.constant(0) }),
  )
  const some = `(select id from jobs where organization_id = $1 order by random() limit $3)`
  const statements = {
    insert: `insert into jobs (id, organization_id, title, slug, path, status)
      select gen_random_uuid(), $1, 't', 's', '/', $2::job_status from generate_series(1, $3::int)`,
    update: `update jobs set status = case when random() < 0.5 then status else $2::job_status end where id in ${some}`,
    move: `update jobs set organization_id = $4, status = $2::job_status where id in ${some}`,
    delete: `delete from jobs where id in ${some} and status <> $2::job_status`,
    upsert: `insert into jobs (id, organization_id, title, slug, path, status)
      select * from (select id, organization_id, 't', 's', '/', $2::job_status from jobs where id in ${some}
        union all select gen_random_uuid(), $1::bigint, 'u', 's', '/', $2::job_status) j
      on conflict (id) do update set status = excluded.status, title = excluded.title`,
    leave: `with parameters as (select $2::job_status, $3::int) delete from organizations where id = $1`,
  }

  it('are exact after any insert, update, move, upsert and delete, also of whole organizations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const ids: string[] = []
        for (let i = 0; i < 3; i++) ids.push((await createOrganization(2)).id)
        const left = new Set<string>()
        for (const { kind, index: at, status: to, amount } of changes) {
          const id = ids[at] ?? ''
          if (left.has(id) || (kind === 'move' && left.has(ids[2] ?? ''))) continue
          await asOwner(statements[kind], [id, to, amount, ...(kind === 'move' ? [ids[2]] : [])])
          if (kind === 'leave') left.add(id)
        }
        const counted = await asOwner(
          `select organization_id::text as id, status::text, count(*)::int from jobs
           where organization_id = any($1::bigint[]) group by 1, 2 order by 1, 2`,
          [ids],
        )
        const kept = await asOwner(
          `select organization_id::text as id, status::text, count::int from job_counts
           where organization_id = any($1::bigint[]) and count > 0 order by 1, 2`,
          [ids],
        )
        expect(kept).toEqual(counted)
        for (const id of ids.filter((one) => !left.has(one))) {
          const total = counted
            .filter((row) => row['id'] === id)
            .reduce((sum, row) => sum + Number(row['count']), 0)
          expect((await list('', await issueKey(id))).meta.pagination.total_items).toBe(total)
        }
      }),
      { numRuns: 60 },
    )
  })
})
