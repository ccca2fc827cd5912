// Runs an engine in a worker thread, one request after the other. A request that never ends blocks that thread and nothing else.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** What the thread posts: `ready` once, then one response for each request. It may post other messages too. */
export type ThreadMessage<Response> = { ready: true } | { response: Response }

/** How to start a thread, and what to do when a request takes too long. */
export interface EngineOptions {
  /** The name of the engine in error messages: "the embedded Redis". */
  name: string
  script: URL
  workerData: unknown
  /** How long one request may run. */
  limitMs: number
  /**
   * Called when a request runs longer than that, to end it inside the thread. If that fails, the promise resolves to the
   * `workerData` of a new thread, and this thread is terminated. `ended` is aborted when the request has ended.
   */
  onOverdue(worker: Worker, ended: AbortSignal): Promise<unknown>
  /** What the caller gets whose request was running when the thread was replaced. */
  replacedError(): Error
}

interface Job<Request, Response> {
  request: Request
  resolve(response: Response): void
  reject(error: Error): void
}

/** An engine in a thread of its own. */
export class EngineThread<Request, Response> {
  readonly #options: EngineOptions
  readonly #waiting: Job<Request, Response>[] = []
  #worker: Worker
  #running: Job<Request, Response> | undefined
  #endOfRequest = new AbortController()
  #stopped: Error | undefined

  private constructor(options: EngineOptions, worker: Worker) {
    this.#options = options
    this.#worker = this.#adopt(worker)
  }

  /** Resolves when the engine is ready. Rejects when it fails to start. */
  static async start<Request, Response>(options: EngineOptions): Promise<EngineThread<Request, Response>> {
    return new EngineThread(options, await bootThread(options.script, options.workerData))
  }

  /** Sends a request when those before it have ended. Rejects when the engine has stopped or was replaced meanwhile. */
  run(request: Request): Promise<Response> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    this.#waiting.push({ request, resolve, reject })
    this.#next()
    return promise
  }

  /** Ends the thread, whatever it is doing. Requests that have no response yet are rejected. */
  async close(): Promise<void> {
    this.#stop(new Error(`${this.#options.name} is closed`))
    await this.#worker.terminate()
  }

  #next(): void {
    if (this.#running !== undefined || this.#stopped !== undefined) return
    const job = this.#waiting.shift()
    if (job === undefined) return
    this.#running = job
    this.#endOfRequest = new AbortController()
    const { signal } = this.#endOfRequest
    const timer = setTimeout(() => this.#endOverdue(signal), this.#options.limitMs)
    signal.addEventListener('abort', () => clearTimeout(timer))
    this.#worker.postMessage(job.request)
  }

  /** Ends the running request for its caller. */
  #settle(settle: (job: Job<Request, Response>) => void): void {
    const job = this.#running
    this.#running = undefined
    this.#endOfRequest.abort()
    if (job !== undefined) settle(job)
  }

  async #endOverdue(ended: AbortSignal): Promise<void> {
    const { script, name, onOverdue, replacedError } = this.#options
    try {
      const workerData = await onOverdue(this.#worker, ended)
      if (ended.aborted) return
      const old = this.#worker
      old.removeAllListeners()
      await old.terminate()
      const worker = await bootThread(script, workerData)
      if (this.#stopped !== undefined) {
        await worker.terminate()
        return
      }
      this.#worker = this.#adopt(worker)
      this.#settle((job) => job.reject(replacedError()))
      this.#next()
    } catch (cause) {
      this.#stop(new Error(`${name} stopped: start npm run dev again`, { cause }))
    }
  }

  #adopt(worker: Worker): Worker {
    worker.on('message', (message: object) => {
      if (!('response' in message)) return
      // The script on the other side is typed to post responses of this type.
      const response = message.response as Response
      this.#settle((job) => job.resolve(response))
      this.#next()
    })
    const crashed = (cause: unknown) =>
      this.#stop(new Error(`${this.#options.name} crashed: start npm run dev again`, { cause }))
    worker.on('error', crashed)
    worker.on('exit', crashed)
    return worker
  }

  #stop(reason: Error): void {
    this.#stopped ??= reason
    const error = this.#stopped
    this.#settle((job) => job.reject(error))
    for (const job of this.#waiting.splice(0)) job.reject(error)
  }
}

async function bootThread(script: URL, workerData: unknown): Promise<Worker> {
  const worker = new Worker(script, { workerData })
  await once(worker, 'message')
  return worker
}
