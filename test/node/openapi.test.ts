// The generated files are up to date, and openapi.json works with the tools that people use it with.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Schema, Validator } from '@cfworker/json-schema'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core'
import spectralRulesets from '@stoplight/spectral-rulesets'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import openapi from '../../openapi.json' with { type: 'json' }
import { generatedFiles } from '../../scripts/generated-files.ts'
import { HEADERS } from '../../scripts/openapi/headers.ts'
import { describePeriods } from '../../src/endpoints/endpoint-reference.ts'
import { REQUEST_PERIODS } from '../../src/endpoints/window-parameters.ts'
import { ERRORS, type ErrorCode } from '../../src/http/errors.ts'
import { convertToPostman } from '../support/postman.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const files = Object.entries(await generatedFiles())

/** Everything in the document, with the path that leads to it. */
const parts = [...partsOf(openapi, [])]

function* partsOf(value: unknown, path: string[]): Generator<{ path: string[]; value: unknown }> {
  yield { path, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* partsOf(inner, [...path, key])
}

interface HeaderEntry {
  $ref?: string
  schema?: object
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface ResponseEntry {
  $ref?: string
  description?: string
  headers?: Record<string, HeaderEntry>
  content?: Record<string, { schema: object; examples: Record<string, { value: unknown }> }>
}

interface OperationEntry {
  operationId: string
  description: string
  parameters?: { name: string; description: string }[]
  responses: Record<string, ResponseEntry>
}

const components: { headers: Record<string, HeaderEntry>; responses: Record<string, ResponseEntry> } =
  openapi.components

const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item as Record<string, OperationEntry>).map(([method, operation]) => ({
    path,
    method,
    operation,
  })),
)

const responses = operations.flatMap(({ path, method, operation }) =>
  Object.entries(operation.responses).map(([status, entry]) => ({
    name: `${method} ${path} ${status}`,
    status: Number(status),
    response: resolved(entry),
  })),
)

function resolved(entry: ResponseEntry): ResponseEntry {
  return components.responses[entry.$ref?.replace('#/components/responses/', '') ?? ''] ?? entry
}

/** The examples of a header, by the name of the body's example that they belong to; `''` for all of them. */
function headerExamples(response: ResponseEntry, name: string): Map<string, unknown> {
  const entry = response.headers?.[name]
  if (entry === undefined) return new Map()
  const header = components.headers[entry.$ref?.replace('#/components/headers/', '') ?? ''] ?? entry
  return header.examples
    ? new Map(Object.entries(header.examples).map(([key, { value }]) => [key, value]))
    : new Map([['', header.example]])
}

describe('generated files', () => {
  it.each(files)('%s is up to date; if not, run `npm run generate`', async (path, text) => {
    expect(await readFile(join(ROOT, path), 'utf8')).toBe(text)
  })
})

describe('openapi.json: rules', () => {
  it('has no problem under the strict recommended rules of Redocly', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] })
    const source = JSON.stringify(openapi)
    const problems = await lintFromString({ source, absoluteRef: join(ROOT, 'openapi.json'), config })
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
  })

  it('has no problem under the recommended rules of Spectral', async () => {
    const spectral = new spectralCore.Spectral()
    spectral.setRuleset({ extends: [[spectralRulesets.oas as unknown as RulesetDefinition, 'recommended']] })
    const problems = await spectral.run(JSON.stringify(openapi))
    expect(problems.map(({ code, path, message }) => `${code}: ${path.join('.')}: ${message}`)).toEqual([])
  }, 60_000)

  it('has only patterns that JavaScript and RE2 can compile, without Unicode properties', () => {
    const patterns = parts.flatMap(({ path, value }) =>
      path.at(-1) === 'pattern' && typeof value === 'string' ? [value] : [],
    )
    expect(patterns.length).toBeGreaterThan(10)
    for (const pattern of new Set(patterns)) {
      expect(() => new RegExp(pattern), pattern).not.toThrow()
      expect(() => new RegExp(pattern, 'u'), pattern).not.toThrow()
      expect(() => RE2JS.compile(pattern), pattern).not.toThrow()
      expect(pattern).not.toMatch(/\\[pP]/)
    }
  })

  it('has an absolute server URL with a default for its variable, and a contact', () => {
    const [server, ...others] = openapi.servers
    expect(others).toEqual([])
    const host = server?.variables.host.default ?? ''
    expect(new URL(server?.url.replace('{host}', host) ?? '').href).toBe('https://analytics.example.com/')
    expect(openapi.info.contact.name).not.toBe('')
  })
})

describe('openapi.json: contents', () => {
  it('describes every method of every path of the API, with HEAD and OPTIONS, and no other path', async () => {
    const sources = ['src/app.ts', 'src/endpoints/keys/route.ts'].map((file) =>
      readFile(join(ROOT, file), 'utf8'),
    )
    const text = (await Promise.all(sources)).join('')
    const routes = Array.from(
      text.matchAll(/'(\/[^']+)': \{ (GET|POST|DELETE)\b.*\}/g),
      ([line, path = '']) => {
        const methods = [...line.matchAll(/\b(GET|POST|DELETE):/g)].map(([, method = '']) =>
          method.toLowerCase(),
        )
        return [
          path.replaceAll(/:(\w+)/g, '{$1}'),
          [...methods, ...(methods.includes('get') ? ['head'] : []), 'options'].toSorted(),
        ]
      },
    )
    expect(routes.length).toBeGreaterThan(8)
    const described = Object.entries(openapi.paths).map(([path, item]) => [
      path,
      Object.keys(item).toSorted(),
    ])
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(routes))
  })

  it('has no body in any response to HEAD and OPTIONS, except for the 405 of other methods', () => {
    const bodies = responses.filter(
      ({ name, status, response }) => /^(head|options)/.test(name) && status !== 405 && response.content,
    )
    expect(bodies.map(({ name }) => name)).toEqual([])
  })

  it('has every error code, with an example of its body in both forms', () => {
    const all = [...Object.values(components.responses), openapi['x-unknown-path']] as ResponseEntry[]
    for (const [code, { status }] of Object.entries(ERRORS)) {
      const found = all.filter(({ content }) => content?.['application/json']?.examples[code])
      expect(found.length, code).toBeGreaterThan(0)
      for (const { content } of found) {
        const problem = content?.['application/problem+json']?.examples[code]?.value
        expect(problem).toMatchObject({ code, status })
      }
    }
  })

  it('has an example of every 200, and a text that ends in a period for every operation, parameter, and response', () => {
    for (const { path, method, operation } of operations) {
      const name = `${method} ${path}`
      expect(operation.description, name).toMatch(/\.$/)
      for (const parameter of operation.parameters ?? []) {
        expect(parameter.description, `${name} ${parameter.name}`).toMatch(/\.$/)
      }
      if (method !== 'get') continue
      const [good] = Object.values(operation.responses)
      expect(Object.keys(good?.content?.['application/json']?.examples ?? {}), name).not.toEqual([])
    }
  })

  it('names the schema of every 200, and those that several responses share', () => {
    const names = Object.keys(openapi.components.schemas)
    expect(names).toEqual(
      expect.arrayContaining(['Job', 'Error', 'ErrorCode', 'ProblemDetails', 'ParameterProblem', 'Period']),
    )
    for (const { path, method, operation } of operations) {
      if (method !== 'get') continue
      const schema = operation.responses['200']?.content?.['application/json']?.schema
      expect(schema, path).toEqual({ $ref: expect.stringMatching(/^#\/components\/schemas\/\w+Response$/) })
    }
  })

  it('writes a list of shared words only in the schema with its name', () => {
    const periods = parts.filter(
      ({ path, value }) =>
        path.at(-1) === 'enum' && JSON.stringify(value) === JSON.stringify(REQUEST_PERIODS),
    )
    expect(periods.map(({ path }) => path.join('.'))).toEqual(['components.schemas.Period.enum'])
  })

  it('describes every period wherever a caller may choose one', () => {
    const periods = operations.flatMap(({ operation }) =>
      (operation.parameters ?? []).filter(({ name }) => name === 'period'),
    )
    expect(periods.length).toBeGreaterThanOrEqual(3)
    for (const { description } of periods) expect(description).toContain(describePeriods(REQUEST_PERIODS))
  })
})

describe('period descriptions', () => {
  it('are built from the names of the periods', () => {
    expect(describePeriods(['1d', '90d', '3mo', 'today'])).toBe(
      '`1d` is the day before today, `90d` is the 90 days before today, `3mo` is the 3 months before today, and `today` is the current day so far.',
    )
  })

  it('reject a unit without a text', () => {
    expect(() => describePeriods(['2w'])).toThrow('2w')
  })
})

describe('openapi.json: header examples', () => {
  it('conform to the schema of their header', () => {
    const headers = parts.flatMap(({ path, value }) =>
      path.at(-2) === 'headers' ? [{ name: path.join('.'), header: value as HeaderEntry }] : [],
    )
    expect(headers.length).toBeGreaterThan(Object.keys(HEADERS).length)
    for (const { name, header } of headers) {
      if (header.$ref) continue
      const examples = header.examples
        ? Object.values(header.examples).map(({ value }) => value)
        : [header.example]
      for (const example of examples) {
        expect(
          new Validator({ ...header.schema } as Schema, '2020-12').validate(example).errors,
          name,
        ).toEqual([])
      }
    }
  })

  it('say `no-store` for every error, and an age only for figures', () => {
    for (const { name, status, response } of responses) {
      const cacheControl = [...headerExamples(response, 'Cache-Control').values()]
      if (status >= 400) expect(cacheControl, name).toEqual(['no-store'])
      const isFigures = cacheControl.some((value) => /max-age/.test(String(value)))
      expect(headerExamples(response, 'Age').size > 0, name).toBe(isFigures)
    }
  })

  it('say that no request is left with `rate_limited`, and no slot with `too_many_concurrent_requests`', () => {
    const limited = responses.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(0)
    for (const { name, response } of limited) {
      const limits = headerExamples(response, 'RateLimit')
      const wait = headerExamples(response, 'Retry-After')
      expect(limits.get('rate_limited'), name).toBe(`"rate";r=0;t=${wait.get('rate_limited')}`)
      expect(limits.get('too_many_concurrent_requests'), name).toMatch(/"rate";r=[1-9].*"concurrency";r=0$/)
      const left = headerExamples(response, 'X-RateLimit-Remaining')
      expect([left.get('rate_limited'), limits.get('too_many_concurrent_requests')]).toEqual([
        0,
        expect.stringContaining(`r=${left.get('too_many_concurrent_requests')};`),
      ])
    }
  })

  it('agree with each other where a response has requests left', () => {
    for (const { name, status, response } of responses) {
      const limits = headerExamples(response, 'RateLimit').get('')
      if (limits === undefined || status === 429) continue
      const left = headerExamples(response, 'X-RateLimit-Remaining').get('')
      expect(limits, name).toContain(`"rate";r=${left};`)
    }
  })

  it('have a `Retry-After` for exactly the errors that have one', () => {
    const codes: ErrorCode[] = [
      'rate_limited',
      'too_many_concurrent_requests',
      'analytics_unavailable',
      'service_unavailable',
      'analytics_quota_exhausted',
      'analytics_timeout',
    ]
    const found = responses.flatMap(({ response }) => [...headerExamples(response, 'Retry-After').keys()])
    expect(new Set(found)).toEqual(new Set([...codes, '']))
  })
})

describe('openapi.json: conversion to a Postman collection', () => {
  it('has one server variable, and none of the 32 filters, with the default settings', async () => {
    const { requests, variables } = await convertToPostman(openapi)
    expect(variables).toEqual({ host: 'analytics.example.com', baseUrl: 'https://{{host}}' })
    const site = requests.find(({ method, path }) => method === 'GET' && path === '/analytics/site')
    expect(site?.query.map(([name]) => name)).toEqual([
      'period',
      'from',
      'to',
      'metrics',
      'group_by',
      'interval',
      'limit',
      'offset',
      'compare',
      'format',
    ])
  })

  it('sends only required parameters without optional ones, each with its example', async () => {
    const { requests } = await convertToPostman(openapi, {
      parametersResolution: 'Example',
      enableOptionalParameters: false,
    })
    const sent = requests.filter(({ method }) => method === 'GET')
    expect(sent).toEqual(
      expect.arrayContaining([
        {
          method: 'GET',
          path: '/analytics/jobs',
          query: [['jobIds', '3f0c1f6e-2c7b-4d0e-9a55-0b6f3a1c9d42,8d5e2b14-77aa-4a0f-8f4c-5c1e6f0a2b93']],
          auth: 'apikey',
        },
        { method: 'GET', path: '/analytics/site', query: [], auth: 'apikey' },
        { method: 'GET', path: '/jobs', query: [], auth: 'apikey' },
        { method: 'GET', path: '/usage', query: [], auth: 'apikey' },
        { method: 'GET', path: '/keys', query: [], auth: 'bearer' },
        { method: 'GET', path: '/keys/audit', query: [], auth: 'bearer' },
        { method: 'GET', path: '/health', query: [], auth: undefined },
        { method: 'GET', path: '/ready', query: [], auth: undefined },
      ]),
    )
    const paths = Object.entries(openapi.paths).filter(([, operations]) => 'get' in operations)
    expect(sent.map(({ path }) => path)).toEqual(paths.map(([path]) => path.replaceAll(/\{(\w+)\}/g, ':$1')))
  })
})
