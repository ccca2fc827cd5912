// A store of the run that can be made to fail, as the part that injects faults sees it.

/** A store that fails on command. */
export interface ControlledStore {
  /** What runs: `Redis 7.0.15`, `the embedded Redis`. */
  readonly engine: string
  /** The processes of the store; none if it is embedded. */
  pids(): number[]
  /** Ends it without warning. Requests fail until `restart`. */
  kill(): Promise<void>
  /** Stops it in the middle of what it does. Requests hang until `resume`. */
  hang(): void
  resume(): void
  /** Starts it again after `kill`, with what it had stored durably. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** The state of a store in this process, which has no process of its own to kill or to stop. */
export class FaultSwitch {
  #isDown = false
  #hanging: PromiseWithResolvers<void> | undefined

  /** Waits while the store hangs. Rejects while it is down. */
  async pass(): Promise<void> {
    await this.#hanging?.promise
    if (this.#isDown) throw new Error('the store is down: the run has switched it off')
  }

  setDown(isDown: boolean): void {
    this.#isDown = isDown
  }

  hang(): void {
    this.#hanging ??= Promise.withResolvers()
  }

  resume(): void {
    this.#hanging?.resolve()
    this.#hanging = undefined
  }
}
