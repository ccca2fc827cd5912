import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, it } from 'vitest'
import openapi from '../../openapi.json' with { type: 'json' }
import { generatedFiles } from '../../scripts/generated-files.ts'
import { ERRORS } from '../../src/errors.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const files = Object.entries(await generatedFiles())

describe('what is made from the contract', () => {
  it.each(files)('%s is current; if not, run `npm run generate`', async (path, text) => {
    expect(await readFile(join(ROOT, path), 'utf8')).toBe(text)
  })
})

describe('openapi.json', () => {
  const operations = Object.entries(openapi.paths).map(([path, { get }]) => ({ path, ...get }))

  it('has nothing that the linter minds', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      // The answers of addresses and methods that no operation describes.
      rules: { 'no-unused-components': 'off' },
    })
    const source = JSON.stringify(openapi)
    const problems = await lintFromString({ source, absoluteRef: join(ROOT, 'openapi.json'), config })
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
  })

  it('describes every address of the API', async () => {
    const app = await readFile(join(ROOT, 'src/app.ts'), 'utf8')
    const routes = [...app.matchAll(/app\.get\('([^']+)'/g)].map(([, path]) => path)
    expect(routes.length).toBeGreaterThan(0)
    expect(Object.keys(openapi.paths).toSorted()).toEqual(routes.toSorted())
  })

  it('has every error code, with an example of its body in both forms', () => {
    const examples = Object.values(openapi.components.responses).flatMap((response) =>
      'content' in response
        ? Object.values(response.content).map((content) => Object.keys(content.examples))
        : [],
    )
    for (const code of Object.keys(ERRORS)) {
      expect(examples.filter((names) => names.includes(code)).length, code).toBeGreaterThanOrEqual(2)
    }
  })

  it('has an example of every good answer, and prose for every parameter', () => {
    for (const { path, responses, parameters } of operations.map((operation) => ({
      parameters: [],
      ...operation,
    }))) {
      expect(Object.keys(responses['200'].content['application/json'].examples), path).not.toEqual([])
      for (const { name, description } of parameters) expect(description, `${path} ${name}`).toMatch(/\.$/)
    }
  })
})
