// Sends several Redis commands in one request: a thin layer over the pipelines of @upstash/redis.

import { Redis } from '@upstash/redis/cloudflare'
import * as z from 'zod/mini'
import { StoreError, toStoreError } from './store-error.ts'

/** Where the database is, and how long one round trip may take. */
export interface RedisOptions {
  url: string
  token: string
  timeoutMs: number
}

/** The client of @upstash/redis. */
export type RedisClient = Redis

/** A pipeline of @upstash/redis, to which commands are added. */
export type Pipeline = ReturnType<Redis['pipeline']>

/** Creates the client. It makes one attempt: a write that is sent twice could count twice. */
export function createRedis({ url, token, timeoutMs }: RedisOptions): Redis {
  return new Redis({
    url,
    token,
    // `retry: false` still makes a second attempt in @upstash/redis 1.39.
    retry: { retries: 0 },
    // A function, because the client resolves an aborted signal object with a made-up response.
    signal: () => AbortSignal.timeout(timeoutMs),
    automaticDeserialization: false,
    responseEncoding: false,
    readYourWrites: false,
    enableTelemetry: false,
    enableAutoPipelining: false,
  })
}

/** Commands that are sent together; each one succeeds or fails by itself. */
export class RedisBatch {
  readonly #pipeline: Pipeline
  readonly #replies: PromiseWithResolvers<unknown>[] = []

  constructor(redis: Redis) {
    this.#pipeline = redis.pipeline()
  }

  /** Adds one command. Resolves to its reply after `send`; rejects with `StoreError`. */
  add(command: (pipeline: Pipeline) => Pipeline): Promise<unknown> {
    command(this.#pipeline)
    const reply = Promise.withResolvers<unknown>()
    this.#replies.push(reply)
    return reply.promise
  }

  /** Sends all commands as one request and settles their promises. Never rejects. */
  async send(): Promise<void> {
    if (this.#replies.length === 0) return
    try {
      const results = pipelineReply.safeParse(await this.#pipeline.exec({ keepErrors: true }))
      if (results.data?.length !== this.#replies.length) throw new StoreError('unusable')
      for (const [index, { result, error }] of results.data.entries()) {
        if (error === undefined) this.#replies[index]?.resolve(result)
        else this.#replies[index]?.reject(new StoreError('redis_error'))
      }
    } catch (error) {
      const storeError = toRedisError(error)
      for (const { reject } of this.#replies) reject(storeError)
    }
  }
}

const pipelineReply = z.array(z.object({ result: z.unknown(), error: z.optional(z.string()) }))

/** The client's errors hold the whole command, hashes of keys included: only a code leaves this file. */
function toRedisError(error: unknown): StoreError {
  if (!(error instanceof Error)) return new StoreError('unusable')
  if (/WRONGPASS|unauthorized/i.test(error.message.slice(0, 100))) return new StoreError('redis_unauthorized')
  switch (error.name) {
    case 'UpstashError':
      return new StoreError('redis_error')
    case 'UpstashJSONParseError':
      return new StoreError('unusable')
    default:
      return toStoreError(error)
  }
}

/**
 * Runs commands in one round trip. `enqueue` adds them to the batch and returns their promises; each outcome is
 * reported by itself. Never throws.
 */
export async function runBatch<Replies extends readonly Promise<unknown>[]>(
  redis: Redis,
  enqueue: (batch: RedisBatch) => readonly [...Replies],
): Promise<{ -readonly [Index in keyof Replies]: PromiseSettledResult<Awaited<Replies[Index]>> }> {
  const batch = new RedisBatch(redis)
  const settled = Promise.allSettled(enqueue(batch))
  await batch.send()
  return settled
}
