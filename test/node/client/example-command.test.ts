// `npm run example` itself: what it says without the name of an example.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'scripts', 'example.ts')
const ALL = ['compare-periods', 'dashboard [7d|30d|6mo|12mo]', 'weekly-report [markdown|csv]']

describe('npm run example', () => {
  it('--help: lists the examples with their parameters', async () => {
    const { stdout, stderr } = await run(process.execPath, [SCRIPT, '--help'])
    for (const usage of ALL) expect(stdout).toContain(`npm run example -- ${usage}\n`)
    expect(stderr).toBe('')
  })

  it.each([
    [[], /^Run one of the examples:/],
    [['dashbord'], /^There is no example named "dashbord"\./],
    [['connection'], /^There is no example named "connection"\./],
  ])('%j: fails and lists the examples', async (parameters, message) => {
    const failed = run(process.execPath, [SCRIPT, ...parameters])
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(message),
    })
    for (const usage of ALL)
      await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining(usage) })
  })
})
