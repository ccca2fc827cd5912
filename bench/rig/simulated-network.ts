// The network of a Worker that runs in this thread: a real Redis engine, and stand-ins for Postgres and Plausible that respond
// at once. The Worker's own adapters send the requests, and the clock is simulated.

import * as z from 'zod/mini'
import { openEmbeddedRedis } from '../../local/redis/embedded-redis.ts'
import { withKeyLockingScripts } from '../../local/redis/key-locking-scripts.ts'
import type { Reply } from '../../local/redis/redis-backend.ts'
import { encodeOutcome } from '../../local/redis/upstash-json.ts'
import { hashApiKey } from '../../src/keys/api-key.ts'
import { bindingsFor } from '../scenario.ts'
import { respondAsPostgres } from '../stubs/postgres-stub.ts'
import { type SimulatedOrganization, visitorsOf } from './simulated-organizations.ts'

const HOUR_MS = 3_600_000
/** Plausible's quota of a key in a clock hour. */
const QUERIES_PER_HOUR = 600
const URLS = { redis: 'http://127.0.0.1:1', postgres: 'http://127.0.0.1:2', plausible: 'http://127.0.0.1:3' }

/** The bindings of the Worker. */
export const SIMULATED_BINDINGS = {
  ...bindingsFor(URLS),
  FLOOR: { limit: async () => ({ success: true }) },
}

// What the stores receive.
const sentCommands = z.array(z.array(z.union([z.string(), z.number()])))
const sentStatement = z.object({ params: z.array(z.unknown()) })
const sentQuery = z.object({
  site_id: z.string(),
  date_range: z.tuple([z.string(), z.string()]),
  filters: z._default(z.array(z.unknown()), []),
})
/** The filter of a query about jobs. */
const pagesFilter = z.tuple([z.literal('is'), z.literal('event:page'), z.array(z.string())])

interface WaitingPipeline {
  commands: string[][]
  resolve: (replies: Reply[]) => void
  reject: (error: unknown) => void
}

/** Replaces `fetch` in this thread. */
export class SimulatedNetwork {
  /** Queries by site, and by clock hour. Those that were refused are counted in neither. */
  readonly queriesBySite = new Map<string, number>()
  readonly queriesByHour = new Map<number, number>()
  refusedQueries = 0
  /** Epoch milliseconds. */
  nowMs = 0
  readonly #engine: Awaited<ReturnType<typeof openEmbeddedRedis>>
  readonly #redis: ReturnType<typeof withKeyLockingScripts>
  readonly #byKeyHash: ReadonlyMap<string, SimulatedOrganization>
  readonly #timeZone: string
  readonly #directoryTexts = new Map<string, string>()
  readonly #waiting: WaitingPipeline[] = []

  private constructor(
    engine: Awaited<ReturnType<typeof openEmbeddedRedis>>,
    byKeyHash: ReadonlyMap<string, SimulatedOrganization>,
    timeZone: string,
  ) {
    this.#engine = engine
    this.#redis = withKeyLockingScripts(engine)
    this.#byKeyHash = byKeyHash
    this.#timeZone = timeZone
  }

  /** Opens it for these organizations, whose sites are in one time zone. */
  static async open(
    organizations: readonly SimulatedOrganization[],
    timeZone: string,
  ): Promise<SimulatedNetwork> {
    const owners = organizations.flatMap((own) => own.apiKeys.map((apiKey) => ({ apiKey, own })))
    const hashed = await Promise.all(
      owners.map(async ({ apiKey, own }) => [await hashApiKey(apiKey), own] as const),
    )
    const network = new SimulatedNetwork(await openEmbeddedRedis(), new Map(hashed), timeZone)
    globalThis.fetch = (input, init) => network.#respond(input, init)
    return network
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }

  async #respond(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(input instanceof Request ? input.url : input)
    const body = String(init.body)
    const headers = { 'content-type': 'application/json' }
    if (origin === URLS.redis) return new Response(await this.#respondAsRedis(body), { headers })
    if (origin === URLS.postgres) return new Response(this.#respondAsDirectory(body), { headers })
    if (origin === URLS.plausible) return this.#respondAsPlausible(body)
    throw new TypeError(`The simulated network has no store at ${origin}`)
  }

  async #respondAsRedis(body: string): Promise<string> {
    const commands = sentCommands.parse(JSON.parse(body)).map((command) => command.map(String))
    const replies = await new Promise<Reply[]>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#sendWaiting())
      this.#waiting.push({ commands, resolve, reject })
    })
    return `[${replies.map((reply) => encodeOutcome(reply, false)).join()}]`
  }

  /** Sends the pipelines that wait in one message, since messages between threads take more time than the commands. */
  #sendWaiting(): void {
    const pipelines = this.#waiting.splice(0)
    this.#redis.send(pipelines.flatMap(({ commands }) => commands)).then(
      (replies) => {
        for (const { commands, resolve } of pipelines) resolve(replies.splice(0, commands.length))
      },
      (error: unknown) => {
        for (const { reject } of pipelines) reject(error)
      },
    )
  }

  #respondAsDirectory(body: string): string {
    const known = this.#directoryTexts.get(body)
    if (known !== undefined) return known
    const keyHash = String(sentStatement.parse(JSON.parse(body)).params[0])
    const own = this.#byKeyHash.get(keyHash)
    if (own === undefined) throw new TypeError('The simulated network has no organization for this key')
    const text = respondAsPostgres(body, true, { id: own.id, domain: own.site, timeZone: this.#timeZone })
    this.#directoryTexts.set(body, text)
    return text
  }

  /** Plausible counts a key's queries by the clock hour and names no time in its 429. */
  #respondAsPlausible(body: string): Response {
    const hour = Math.floor(this.nowMs / HOUR_MS)
    const count = this.queriesByHour.get(hour) ?? 0
    if (count >= QUERIES_PER_HOUR) {
      this.refusedQueries++
      return Response.json({ error: 'Too many API requests' }, { status: 429 })
    }
    this.queriesByHour.set(hour, count + 1)
    const { site_id: site, date_range: window, filters } = sentQuery.parse(JSON.parse(body))
    this.queriesBySite.set(site, (this.queriesBySite.get(site) ?? 0) + 1)
    const paths = pagesFilter.safeParse(filters[0]).data?.[2]
    // A query about the whole site has one row.
    const results = paths?.map((path) => ({
      metrics: [visitorsOf(site, path, window)],
      dimensions: [path],
    })) ?? [{ metrics: [1], dimensions: [] }]
    const moments = [`${window[0]}T00:00:00+01:00`, `${window[1]}T23:59:59+01:00`]
    return Response.json({ results, meta: {}, query: { date_range: moments } })
  }
}
