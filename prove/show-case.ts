// Sends one generated request again and prints it, its response, and what is wrong with it.

import { AdmissionLedger } from './checks/admission-ledger.ts'
import { Findings } from './checks/findings.ts'
import { createTally, sendCase } from './clients/request-client.ts'
import { FaultLog } from './faults/fault-log.ts'
import { generateCase } from './requests/generate-case.ts'
import { curlOf } from './requests/request-case.ts'
import { preciseNow } from './requests/send-case.ts'
import { Latencies } from './soak/latencies.ts'
import type { ProveStack } from './stack/prove-stack.ts'

/** Twice, since the second response may come from the cache. Resolves to whether both are right. */
export async function showCase(stack: ProveStack, seed: string, number: number): Promise<boolean> {
  const one = generateCase(stack.world, number)
  const findings = new Findings()
  const state = {
    ...{ seed, findings, faults: new FaultLog(), tally: createTally() },
    ledger: new AdmissionLedger({ requests: 100, windowMs: 60_000 }),
    latencies: new Latencies(preciseNow()),
  }
  const url = stack.workers[one.worker % stack.workers.length]?.url ?? ''
  console.log(one.raw === undefined ? curlOf(url, one) : JSON.stringify(one.raw))
  console.log(`(key: ${one.keyKind}, organization: ${stack.world.tenants[one.tenant]?.marker})\n`)
  for (let time = 0; time < 2; time++) {
    const response = await sendCase(stack, state, one)
    if (response === undefined) continue
    console.log(
      `${response.status}\n${[...response.headers].map((field) => field.join(': ')).join('\n')}\n\n${response.body}\n`,
    )
  }
  for (const { kind, examples } of findings.groups)
    for (const { text } of examples) console.log(`${kind}: ${text}`)
  if (findings.count === 0) console.log('Nothing is wrong with the responses.')
  return findings.count === 0
}
