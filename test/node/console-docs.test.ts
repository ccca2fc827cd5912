// The code in docs/console.md, run as it stands: the Worker's own check accepts the links that it makes.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConsoleTokens } from '../../src/console/console-tokens.ts'

const SECRET = 'a-secret-of-at-least-32-characters'
const URL_OF_API = 'https://analytics.example.com'
const person = { org: '7', sub: 'user-17', name: 'Zoë "Z" Müller', role: 'viewer' }
const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'console.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'console-docs-'))
const hasPython = spawnSync('python3', ['--version']).status === 0

afterAll(() => rmSync(folder, { recursive: true }))

function snippet(language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1]
  if (code === undefined) throw new Error(`docs/console.md has no code in ${language}`)
  return code
}

/** Runs a program that prints a link. */
function linkOf(command: string, fileName: string, program: string): URL {
  const path = join(folder, fileName)
  writeFileSync(path, program)
  return new URL(execFileSync(command, [path], { encoding: 'utf8' }).trim())
}

async function expectSignsIn(link: URL): Promise<void> {
  expect(link.origin + link.pathname).toBe(`${URL_OF_API}/console/sign-in`)
  const token = link.searchParams.get('token') ?? ''
  expect(await new ConsoleTokens(SECRET).verifySignIn(token, Date.now())).toEqual({
    person: { organizationId: '7', id: 'user-17', name: person.name, role: 'viewer' },
    id: expect.stringMatching(/^[\w-]{32,}$/),
  })
}

describe('docs/console.md', () => {
  const given = [URL_OF_API, SECRET, person].map((value) => JSON.stringify(value)).join(', ')

  it('TypeScript: makes a link that signs in', async () => {
    const program = `${snippet('ts')}\nconsole.log(consoleLink(${given}))\n`
    await expectSignsIn(linkOf(process.execPath, 'link.ts', program))
  })

  it.runIf(hasPython)('Python: makes a link that signs in', async () => {
    const program = `${snippet('python')}\nprint(console_link(${given}))\n`
    await expectSignsIn(linkOf('python3', 'link.py', program))
  })

  it.each(['ts', 'php', 'ruby', 'python'])(
    '%s: has every claim that the caller does not give',
    (language) => {
      const code = snippet(language)
      for (const claim of ['aud', 'iat', 'exp', 'jti']) expect(code).toMatch(new RegExp(`\\b${claim}\\b`))
      expect(code.trim().split('\n').length).toBeLessThanOrEqual(14)
    },
  )
})
