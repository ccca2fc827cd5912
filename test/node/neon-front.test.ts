// The Neon front through the real driver: the same expectations on PGlite and on a Postgres server.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeErrors } from './neon-front/errors-suite.ts'
import { backends, type FrontUnderTest } from './neon-front/front-under-test.ts'
import { describePrivileges } from './neon-front/privileges-suite.ts'
import { describeSessions } from './neon-front/sessions-suite.ts'
import { describeTransactions } from './neon-front/transactions-suite.ts'
import { describeValues } from './neon-front/values-suite.ts'

describe.each(backends)('the Neon front on $name', ({ open }) => {
  if (open === undefined) {
    it.skip('needs the programs of a Postgres server')
    return
  }
  let front: FrontUnderTest
  beforeAll(async () => {
    front = await open()
  })
  afterAll(() => front?.close())

  describeValues(() => front)
  describeTransactions(() => front)
  describeErrors(() => front)
  describeSessions(() => front)
  describePrivileges(() => front)
})
