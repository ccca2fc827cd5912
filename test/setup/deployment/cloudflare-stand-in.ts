// A stand-in for Cloudflare's API, for wrangler: an account of its own, whose Worker runs on this machine once it is deployed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startLoopbackServer } from '../../../local/loopback-server.ts'
import { createAccount, type StoredWorker } from './cloudflare-account.ts'
import { type DeployedWorker, type RunningWorker, runDeployedWorker } from './deployed-worker.ts'
import type { UploadedBinding } from './worker-upload.ts'

const ACCOUNT = 'account-of-the-stand-in'
const ADDRESS = `/client/v4/accounts/${ACCOUNT}`
const NOT_FOUND = { code: 10007, message: 'This Worker does not exist on your account.' }
const REFUSED = { code: 10000, message: 'Authentication error' }

/** A running stand-in. */
export interface CloudflareStandIn {
  /** For wrangler's environment. */
  readonly environment: Record<
    'CLOUDFLARE_API_BASE_URL' | 'CLOUDFLARE_API_TOKEN' | 'CLOUDFLARE_ACCOUNT_ID',
    string
  >
  readonly workers: ReadonlyMap<string, StoredWorker>
  /** `<method> <path>` of each request that changes something. */
  readonly writes: readonly string[]
  /** Requests that it does not serve. */
  readonly unknown: readonly string[]
  close(): Promise<void>
}

/** Starts it. It accepts `token` only. What is deployed listens on `workerPort` of 127.0.0.1, one Worker at a time. */
export async function startCloudflareStandIn(workerPort: number, token: string): Promise<CloudflareStandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'job-analytics-cloudflare-'))
  const account = createAccount(restart)
  const writes: string[] = []
  let running: RunningWorker | undefined

  /** As Cloudflare does after each deployment and each changed secret. */
  async function restart(name: string): Promise<void> {
    await running?.close()
    running = undefined
    const worker = account.workers.get(name)
    if (worker?.upload === undefined) return
    const assets = await mkdtemp(join(folder, 'assets-'))
    for (const [path, { hash }] of Object.entries(worker.assets)) {
      await mkdir(dirname(join(assets, path)), { recursive: true })
      await writeFile(join(assets, path), account.files.get(hash) ?? '')
    }
    running = await runDeployedWorker(deployedOf(name, worker, assets), { port: workerPort })
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const { headers, method = '', url = '/' } = request
    const path = new URL(url, 'http://127.0.0.1').pathname.replace(ADDRESS, '')
    if (method !== 'GET') writes.push(`${method} ${path}`)
    // Files come with the token of their upload.
    const isAllowed = headers.authorization === `Bearer ${token}` || path === '/workers/assets/upload'
    const contentType = headers['content-type'] ?? ''
    const result = isAllowed ? await account.respond({ method, path, body, contentType }) : undefined
    const success = result !== undefined
    const errors = success ? [] : [isAllowed ? NOT_FOUND : REFUSED]
    const status = success ? 200 : isAllowed ? 404 : 403
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ success, errors, messages: [], result: result ?? null }))
  }

  const server = await startLoopbackServer((request, response) => void respond(request, response))
  return {
    environment: {
      CLOUDFLARE_API_BASE_URL: `${server.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    },
    workers: account.workers,
    writes,
    unknown: account.unknown,
    async close() {
      await running?.close()
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

function deployedOf(name: string, { upload, secrets }: StoredWorker, directory: string): DeployedWorker {
  const { bindings = [], compatibility_date, compatibility_flags } = upload?.metadata ?? {}
  const vars = bindings
    .filter(({ type }) => type === 'plain_text')
    .map((each) => [each.name, each.text ?? ''])
  const metadata = bindings.find(({ type }) => type === 'version_metadata')
  return {
    name,
    script: upload?.script ?? '',
    bindings: { ...Object.fromEntries(vars), ...Object.fromEntries(secrets) },
    options: {
      ...(compatibility_date && { compatibilityDate: compatibility_date }),
      ...(compatibility_flags && { compatibilityFlags: compatibility_flags }),
      ...(metadata && { versionMetadata: metadata.name }),
      ratelimits: Object.fromEntries(bindings.flatMap(rateLimitOf)),
      assets: { directory, routerConfig: { has_user_worker: true } },
    },
  }
}

function rateLimitOf({ type, name, namespace_id = '', simple }: UploadedBinding) {
  if (type !== 'ratelimit' || simple === undefined) return []
  const { limit, period } = simple
  return [[name, { namespace_id, simple: { limit, ...(period && { period }) } }] as const]
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
