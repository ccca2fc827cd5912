// How the setup changes vars in wrangler.toml: its own lines, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setVars } from '../../scripts/setup/wrangler-vars.ts'

const TOML = `name = "api"
# A URL.
[vars]
URL = "https://top.example"

[env.staging.vars]
URL = "https://staging.example"
[env.production]
name = "api-production"
[env.production.vars]
# Stays.
URL = "https://your-database.example"
OTHER = "kept"
`

describe('vars in wrangler.toml', () => {
  it('a var that is there: is changed in its own environment only', () => {
    const { text, changes } = setVars(TOML, 'production', { URL: 'https://db.example' })
    expect(text).toBe(TOML.replace('https://your-database.example', 'https://db.example'))
    expect(changes).toEqual([{ name: 'URL', value: 'https://db.example', isNew: false }])
  })

  it('a var that is not there: is added at the end of its table', () => {
    const { text, changes } = setVars(TOML, 'staging', { EVENT: 'Say "hi"' })
    expect(text).toBe(
      TOML.replace('"https://staging.example"\n', '"https://staging.example"\nEVENT = "Say \\"hi\\""\n'),
    )
    expect(changes).toEqual([{ name: 'EVENT', value: 'Say "hi"', isNew: true }])
  })

  it('run again: changes nothing', () => {
    const vars = { URL: 'https://db.example', EVENT: 'Apply' }
    const { text } = setVars(TOML, 'production', vars)
    expect(setVars(text, 'production', vars)).toEqual({ text, changes: [] })
  })

  it('an environment without a table of vars: is refused', () => {
    expect(() => setVars(TOML, 'test', {})).toThrow('wrangler.toml has no [env.test.vars]')
  })

  it.each(['staging', 'production'])('this project: has a table of vars for %s', (environment) => {
    const toml = readFileSync(join(import.meta.dirname, '..', '..', 'wrangler.toml'), 'utf8')
    const { changes } = setVars(toml, environment, { PLAUSIBLE_URL: 'https://stats.example' })
    expect(changes).toEqual([{ name: 'PLAUSIBLE_URL', value: 'https://stats.example', isNew: false }])
  })
})
