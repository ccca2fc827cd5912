// Runs a deployed Worker on this machine: its bundle and assets under the Workers runtime, its requests through a handler.
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare'
import type { OutboundHandler } from './outbound-interceptor.ts'

/** What the runtime needs to be told beside the bundle and the bindings. */
export type WorkerOptions = Pick<
  V4WorkerOptions,
  'compatibilityDate' | 'compatibilityFlags' | 'ratelimits' | 'versionMetadata' | 'assets'
>

/** A Worker as it is deployed. */
export interface DeployedWorker {
  name: string
  /** The one module of its bundle. */
  script: string
  /** Vars and secrets. */
  bindings: Record<string, string>
  options: WorkerOptions
}

/** A Worker that listens on 127.0.0.1. */
export interface RunningWorker {
  /** Its address, without a slash at the end. */
  readonly url: string
  /** What it has logged, a line each. */
  readonly log: string[]
  close(): Promise<void>
}

/**
 * Starts it, on a free port unless one is given. All requests that it sends go to `outbound`. Without one they go to the
 * network, where only this machine should be found.
 */
export async function runDeployedWorker(
  worker: DeployedWorker,
  { outbound, port = 0 }: { outbound?: OutboundHandler; port?: number },
): Promise<RunningWorker> {
  const log: string[] = []
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...worker.options,
      name: worker.name,
      modules: [{ type: 'ESModule', path: 'index.js', contents: worker.script }],
      bindings: worker.bindings,
      ...(outbound && { outboundService: (request) => outbound(request) }),
    }),
    host: '127.0.0.1',
    port,
    cf: false,
    log: new Log(LogLevel.ERROR),
    handleStructuredLogs: ({ message }) => log.push(message),
  })
  const url = await miniflare.ready
  return { url: url.origin, log, close: () => miniflare.dispose() }
}
