// The Upstash client with a transport of ours: every batch of commands is one POST, tried once, within a deadline.

import { Redis, type Requester, type UpstashRequest, type UpstashResponse } from '@upstash/redis/cloudflare'
import { FaultError, faultOf } from '../domain/fault.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { within } from './deadline.ts'

/** Where the database is and how long one round trip to it may take. */
export interface UpstashOptions {
  url: string
  token: string
  timeoutMs: number
}

const MAX_ANSWER_BYTES = 1_000_000

interface QueuedCommand {
  command: unknown
  resolve(response: UpstashResponse<unknown>): void
  reject(error: FaultError): void
}

/**
 * An Upstash database. The library's own transport retries (a retried write counts twice), knows no bound for an
 * answer's size and sends reads and writes apart; only its commands and their encoding are used here.
 */
export class UpstashRedis {
  readonly #options: UpstashOptions
  readonly #redis: Redis
  #queue: QueuedCommand[] | undefined

  constructor(options: UpstashOptions) {
    this.#options = options
    const request = (req: UpstashRequest) => this.#enqueue(req)
    this.#redis = new RedisOver({ request: request as Requester['request'] }, options)
  }

  /**
   * Sends all commands that `enqueue` makes, synchronously, as one pipeline. Each promise it returns settles on its
   * own; where the round trip failed they all reject with `FaultError`. Never throws.
   */
  async batch<T extends readonly Promise<unknown>[]>(
    enqueue: (redis: Redis) => readonly [...T],
  ): Promise<{ -readonly [K in keyof T]: PromiseSettledResult<Awaited<T[K]>> }> {
    const queue: QueuedCommand[] = []
    this.#queue = queue
    let results: readonly [...T]
    try {
      results = enqueue(this.#redis)
    } finally {
      this.#queue = undefined
    }
    const settled = Promise.allSettled(results)
    try {
      const answers = await within(this.#options.timeoutMs, () => this.#post(queue))
      for (const [index, { resolve }] of queue.entries()) resolve(answers[index] ?? {})
    } catch (error) {
      const fault = new FaultError(faultOf(error))
      for (const { reject } of queue) reject(fault)
    }
    return settled
  }

  #enqueue(req: UpstashRequest): Promise<UpstashResponse<unknown>> {
    const queue = this.#queue
    if (queue === undefined) throw new Error('A Redis command outside of a batch')
    return new Promise((resolve, reject) => queue.push({ command: req.body, resolve, reject }))
  }

  async #post(queue: readonly QueuedCommand[]): Promise<UpstashResponse<unknown>[]> {
    const { url, token } = this.#options
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(queue.map(({ command }) => command)),
    }
    const response = await boundedFetch(`${url.replace(/\/$/, '')}/pipeline`, init, MAX_ANSWER_BYTES)
    if (!response.ok) throw new FaultError(`status_${response.status}`)
    const answers: unknown = JSON.parse(response.text)
    if (!isPipelineAnswer(answers) || answers.length !== queue.length) throw new FaultError('unusable')
    return answers
  }
}

/** `[{"result": …} | {"error": "…"}]`, one for each command (https://upstash.com/docs/redis/features/restapi). */
function isPipelineAnswer(answers: unknown): answers is UpstashResponse<unknown>[] {
  return Array.isArray(answers) && answers.every(isCommandAnswer)
}

function isCommandAnswer(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  return 'result' in answer || ('error' in answer && typeof answer.error === 'string')
}

/** The library's client over a transport it was given. */
class RedisOver extends Redis {
  protected override client: Requester

  constructor(client: Requester, { url, token }: UpstashOptions) {
    super({
      url,
      token,
      automaticDeserialization: false,
      enableTelemetry: false,
      enableAutoPipelining: false,
    })
    this.client = client
  }
}
