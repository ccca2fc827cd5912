// What a request does after its response: release the slot, write the cache, count queries and requests, refresh stale figures.

import type { Services } from '../services.ts'
import type { StateChanges } from '../shared-state/shared-state.ts'
import { toStoreError } from '../stores/store-error.ts'

/** What they need of their request. */
interface TaskRecorder {
  log(fields: Record<string, unknown>): void
  timed<T>(hop: 'redis', work: () => Promise<T>): Promise<T>
}

/** Collects changes of the shared state and applies them in one round trip; a refresh takes two more. */
export class BackgroundTasks {
  readonly #request: TaskRecorder
  readonly #services: Services
  #changes: StateChanges = {}
  #refresh: (() => Promise<StateChanges>) | undefined

  constructor(request: TaskRecorder, services: Services) {
    this.#request = request
    this.#services = services
  }

  /** Adds changes; later values win. */
  add(changes: StateChanges): void {
    this.#changes = { ...this.#changes, ...changes }
  }

  /** Adds work that only the request that gets `lock` does. Its changes are applied together with the unlocking. */
  refreshUnder(lock: string, work: () => Promise<StateChanges>): void {
    this.add({ lock })
    this.#refresh = async () => ({ ...(await work()), unlockSoon: lock })
  }

  /** Starts everything. Resolves when it has ended. The message also counts earlier requests that sent none. */
  async run(): Promise<void> {
    if (Object.keys(this.#changes).length === 0) return
    const locked = await this.#apply({ ...this.#changes, usage: this.#services.uncountedUsage.take() })
    if (locked && this.#refresh) await this.#apply(await this.#refresh())
  }

  async #apply(changes: StateChanges): Promise<boolean> {
    const { now, shared, sentQueries } = this.#services
    const { locked, error } = await this.#request.timed('redis', () => shared.apply(changes, now()))
    if (error !== undefined) this.#request.log({ background_fault: toStoreError(error).fault })
    if (changes.queries) sentQueries.counted(changes.queries, now())
    return locked
  }
}
