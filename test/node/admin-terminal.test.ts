// How the scripts look in a terminal: one line for a dead host, tables and help that fit, and help that only helps.
import { describe, expect, it } from 'vitest'
import { renderTable } from '../../scripts/admin/table.ts'
import { runCommand, spawnGenerate, spawnSmoke } from './admin/run-command.ts'

describe('smoke', () => {
  it('prints one line when the host cannot be reached', async () => {
    const { code, output, messages } = await spawnSmoke([
      'http://127.0.0.1:1',
      '--key',
      'jak_x',
      '--job',
      'x',
    ])
    expect(code).toBe(1)
    expect(output).toBe(
      'FAILED  http://127.0.0.1:1: it cannot be reached: check the address and that the API is running\n',
    )
    expect(messages).toBe('')
  })

  it('shows where --help finds the key, and not the key', async () => {
    const { code, output } = await spawnSmoke(['--help'], { SMOKE_API_KEY: 'jak_hunter2' })
    expect(code).toBe(0)
    expect(output).toContain('env: SMOKE_API_KEY')
    expect(output).not.toContain('hunter2')
  })

  it.each([[['ftp://x', '--key', 'k', '--job', 'j']], [['https://x', '--job', 'j']]])(
    'refuses the command line %j with exit code 2',
    async (argv) => {
      expect(await spawnSmoke(argv)).toMatchObject({ code: 2, output: '' })
    },
  )
})

describe('generate', () => {
  it('prints its help and writes nothing with --help', async () => {
    const { code, output } = await spawnGenerate(['--help'])
    expect(code).toBe(0)
    expect(output).toMatch(/^Usage: npm run generate -- /)
    expect(output).not.toContain('Wrote')
  })

  it('refuses an argument and writes nothing', async () => {
    const { code, output, messages } = await spawnGenerate(['openapi.json'])
    expect({ code, output }).toEqual({ code: 1, output: '' })
    expect(messages).toMatch(/^error: too many arguments/)
  })
})

describe('the help of admin', () => {
  it.each([
    [['--help']],
    [['job', 'import', '--help']],
    [['doctor', '--help']],
    [['key', 'rotate', '--help']],
  ])('fits 60 columns without a broken word: %j', async (argv) => {
    const wide = await runCommand(argv, { environment: {} })
    const narrow = await runCommand(argv, { environment: {}, columns: 60 })
    for (const line of narrow.output.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(narrow.output.split(/\s+/)).toEqual(wide.output.split(/\s+/))
  })
})

describe('renderTable', () => {
  const id = '018f2f6e-1c2d-7a3b-8c4d-5e6f70818293'
  const heading = ['id', 'title', 'status']
  const rows = [[id, 'A title of several words', 'active']]

  it('keeps a row on one line in a pipe and in a terminal that is wide enough', () => {
    const table = renderTable(heading, rows, '', undefined)
    expect(table.split('\n')).toHaveLength(2)
    expect(renderTable(heading, rows, '', 80)).toBe(table)
  })

  it('shows each record as a block when the columns do not fit', () => {
    expect(renderTable(heading, [...rows, ...rows], '', 60)).toBe(
      [1, 2].map(() => `id      ${id}\ntitle   A title of several words\nstatus  active`).join('\n\n'),
    )
  })

  it('wraps the last column under itself when the others leave room', () => {
    expect(renderTable(['check', 'finding'], [['redis', 'one two three four five six']], '', 32)).toBe(
      'check  finding\nredis  one two three four five\n       six',
    )
  })
})
