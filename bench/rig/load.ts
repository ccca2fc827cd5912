// Sends the same request many times, a number of them at once, and takes the time of each.

import { Agent, request as send } from 'node:http'

export interface Load {
  url: string
  headers: Record<string, string>
  count: number
  /** Requests under way at once, each on a connection that is kept. */
  concurrency: number
}

const agent = new Agent({ keepAlive: true })

/** Milliseconds each request took, body included. Rejects at the first answer that is not a 200. */
export async function sendLoad({ url, headers, count, concurrency }: Load): Promise<number[]> {
  const times: number[] = []
  let started = 0
  const one = async () => {
    while (started < count) {
      started++
      const start = performance.now()
      await sendOne(url, headers)
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, one))
  return times
}

/** One answer's headers and body. Rejects when it is not a 200. */
export function sendOne(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { agent, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        body += text
      })
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve({ headers: answer.headers, body })
        else reject(new Error(`The Worker answered ${answer.statusCode}: ${body.slice(0, 300)}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
