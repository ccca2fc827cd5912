import { describe, expect, it } from 'vitest'
import { within } from '../../src/adapters/deadline.ts'
import { faultOf } from '../../src/domain/fault.ts'

const never = () => new Promise<never>(() => {})

describe('a deadline', () => {
  it('passes on what the work gives', async () => {
    expect(await within(1_000, async () => 'done')).toBe('done')
    await expect(within(1_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })

  it('is a timeout for work that takes longer, which then knows that it is late', async () => {
    let isLate = () => false
    const error = await within(20, (asked) => {
      isLate = asked
      expect(asked()).toBe(false)
      return never()
    }).catch((reason: unknown) => reason)
    expect(faultOf(error)).toBe('timeout')
    expect(isLate()).toBe(true)
  })

  it('hears nothing of work that fails after it', async () => {
    const late = Promise.withResolvers<never>()
    await expect(within(10, () => late.promise)).rejects.toMatchObject({ fault: 'timeout' })
    late.reject(new Error('too late'))
    await new Promise((resolve) => setTimeout(resolve, 10))
  })
})
