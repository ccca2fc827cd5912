// GET /jobs with `q`: which words of a title a search finds.

import { describe, expect, it } from 'vitest'
import { encodeCursor } from '../../src/endpoints/job-list/cursor.ts'
import type { JobListResponse } from '../../src/endpoints/job-list/response.ts'
import { createApi, withKey } from '../support/api.ts'
import { asOwner, createOrganization, issueKey } from '../support/database.ts'

const api = createApi({ RATE_LIMIT_REQUESTS: '100000', CONCURRENCY_LIMIT: '100' })

const TITLES = [
  'Java/Kotlin Developer',
  'Node.js Engineer',
  'Engineer (Level-2)',
  'C++ Developer',
  'C# Developer',
  'C/C++/Rust',
  'Ingénieure Qualité',
  'МОСКВА Инженер',
  'Kraftfahrer Łódź, Straße',
  'Python+Django #12 Senior+',
  'Head of R&D — Zürich/Genève',
  '営業（東京）',
  'ﬁnance Ⅷ',
  'Don’t_stop😀Dev',
  'JavaScript',
  '',
]
const { id, jobIds } = await createOrganization(TITLES.length)
await asOwner(`update jobs set title = t from unnest($1::uuid[], $2::text[]) as u (job, t) where id = job`, [
  jobIds,
  TITLES,
])
const key = await issueKey(id)

async function found(q: string): Promise<string[]> {
  const response = await api.call(`/jobs?${new URLSearchParams({ q, per_page: '100' })}`, withKey(key))
  expect(response.status, response.text).toBe(200)
  const { data, meta } = response.json as JobListResponse
  expect(meta.pagination.total_items).toBe(data.length)
  return data.map(({ title }) => title).sort()
}

describe('job search', () => {
  it.each([
    ['kotlin', ['Java/Kotlin Developer']],
    ['java', ['Java/Kotlin Developer']],
    ['JAVA kotlin', ['Java/Kotlin Developer']],
    ['java/kotlin', ['Java/Kotlin Developer']],
    ['node', ['Node.js Engineer']],
    ['node.js', ['Node.js Engineer']],
    ['js', ['Node.js Engineer']],
    ['2', ['Engineer (Level-2)']],
    ['level 2', ['Engineer (Level-2)']],
    ['level-2', ['Engineer (Level-2)']],
    ['c++', ['C++ Developer', 'C/C++/Rust']],
    ['C++,', ['C++ Developer', 'C/C++/Rust']],
    ['C#', ['C# Developer']],
    ['c', ['C# Developer', 'C++ Developer', 'C/C++/Rust']],
    ['ingenieure', ['Ingénieure Qualité']],
    ['INGÉNIEURE qualite', ['Ingénieure Qualité']],
    // The same letters as base letters and combining accents.
    ['Inge\u0301nieure', ['Ingénieure Qualité']],
    ['москва', ['МОСКВА Инженер']],
    ['lodz', ['Kraftfahrer Łódź, Straße']],
    ['strasse ŁÓDŹ', ['Kraftfahrer Łódź, Straße']],
    ['python', ['Python+Django #12 Senior+']],
    ['django', ['Python+Django #12 Senior+']],
    ['12 senior', ['Python+Django #12 Senior+']],
    ['zurich', ['Head of R&D — Zürich/Genève']],
    ['r&d', ['Head of R&D — Zürich/Genève']],
    ['東京', ['営業（東京）']],
    ['finance viii', ['ﬁnance Ⅷ']],
    ['dev', ['Don’t_stop😀Dev']],
    ['stop', ['Don’t_stop😀Dev']],
  ])('finds %j in the titles that have these words', async (q, titles) => {
    expect(await found(q)).toEqual(titles.toSorted())
  })

  it.each([
    'kot',
    'ava',
    'nodejs',
    'level2',
    'c+',
    'f#',
    '+',
    '#',
    '++',
    '!!!',
    '&',
    'c# rust',
    '😀',
    "'",
    '\\',
    '«»',
  ])('finds nothing for %j, which is no word of a title', async (q) => {
    expect(await found(q)).toEqual([])
  })

  it('keeps titles and words of any length', async () => {
    const organization = await createOrganization(2)
    const titles = ['y'.repeat(5_000), Array.from({ length: 20_000 }, (_, n) => `w${n}`).join(' ')]
    await asOwner(
      `update jobs set title = t from unnest($1::uuid[], $2::text[]) as u (job, t) where id = job`,
      [organization.jobIds, titles],
    )
    const response = await api.call('/jobs?q=w42', withKey(await issueKey(organization.id)))
    expect(response.json).toMatchObject({ data: [{ id: organization.jobIds[1] }] })
  })
})

describe('job cursor', () => {
  const cursor = encodeCursor({ sort: 'title', value: 'a', id: crypto.randomUUID(), page: 2 })

  it('returns 400 when `sort` contradicts it', async () => {
    for (const sort of ['-created_at', 'created_at']) {
      const response = await api.call(`/jobs?cursor=${cursor}&sort=${sort}`, withKey(key))
      expect(response.status).toBe(400)
      expect(response.json).toMatchObject({
        error: { details: [{ parameter: 'sort', message: expect.stringContaining('`title`') }] },
      })
    }
  })

  it('may be used with its own `sort` or none', async () => {
    for (const search of ['', '&sort=title']) {
      expect((await api.call(`/jobs?cursor=${cursor}${search}`, withKey(key))).status).toBe(200)
    }
  })
})
