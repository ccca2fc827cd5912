// What a path without an endpoint responds: a page for browsers, the error for programs.

import { describe, expect, it } from 'vitest'
import { createApi } from '../support/api.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const PAGE = '<!doctype html><h1>There is no page at this address</h1>'

/** An API with a site, and the addresses of the pages that it read. */
function createSite(respond = () => new Response(PAGE)) {
  const read: string[] = []
  const assets = {
    async fetch({ pathname }: URL) {
      read.push(pathname)
      return respond()
    },
  }
  return { api: createApi({}, { assets }), read }
}

describe('path without an endpoint', () => {
  it('returns a page that is not cached, with status 404, to a browser', async () => {
    const { api, read } = createSite()
    const { status, headers, text, log } = await api.call('/docs/nothing', { headers: { accept: BROWSER } })
    expect({ status, text, read }).toEqual({ status: 404, text: PAGE, read: ['/not-found'] })
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('vary')).toBe('Accept')
    expect(log).toMatchObject([{ status: 404, code: 'not_found' }])
  })

  it.each(['*/*', 'application/json', 'application/json, text/html;q=0.9', 'text/html;q=0, */*', undefined])(
    'returns the error to a program that sends Accept: %s',
    async (accept) => {
      const { api, read } = createSite()
      const { status, json } = await api.call('/docs/nothing', accept ? { headers: { accept } } : {})
      expect({ status, json, read }).toMatchObject({
        status: 404,
        json: { error: { code: 'not_found' } },
        read: [],
      })
    },
  )

  it('returns the error to a browser when there is no page', async () => {
    const { api } = createSite(() => new Response(null, { status: 404 }))
    const { status, json } = await api.call('/nothing', { headers: { accept: BROWSER } })
    expect({ status, json }).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } })
  })
})

describe('endpoint', () => {
  it.each(['/health/', '/health'])('is found at %s', async (path) => {
    const { status } = await createApi().call(path)
    expect(status).toBe(200)
  })

  it.each(['/Health', '/health//', '//health'])('is not found at %s', async (path) => {
    const { status } = await createApi().call(path)
    expect(status).toBe(404)
  })

  it('returns its errors as JSON to a browser too', async () => {
    const { api, read } = createSite()
    const { status, json } = await api.call('/analytics/jobs', { headers: { accept: BROWSER } })
    expect({ status, json, read }).toMatchObject({ status: 401, json: { error: {} }, read: [] })
  })
})
