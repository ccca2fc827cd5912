// Sends the same request many times, a number of them at once, and measures the time of each.

import { Agent, request as send } from 'node:http'

/** Which request, and how often. */
export interface Load {
  url: string
  headers: Record<string, string>
  count: number
  /** Requests at once, each on a connection that is reused. */
  concurrency: number
}

const agent = new Agent({ keepAlive: true })

/** The milliseconds of each request, its body included. Rejects at the first response that is not a 200. */
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

/** The headers and body of one response. Rejects when it is not a 200. */
export function sendOne(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { agent, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ headers: response.headers, body })
        else reject(new Error(`The Worker responded with ${response.statusCode}: ${body.slice(0, 300)}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
