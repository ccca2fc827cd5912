// An account of the stand-in for Cloudflare: its Workers, and the responses to what wrangler asks about them.
import { readUpload, type Upload } from './worker-upload.ts'

/** A Worker of the account. */
export interface StoredWorker {
  secrets: Map<string, string>
  /** What is deployed; undefined while only secrets were set, for which wrangler uploads a draft. */
  upload: Upload | undefined
  /** The paths of its assets, and the hash of each one. */
  assets: Record<string, { hash: string }>
  /** Uploaded, and not deployed yet. */
  versions: Map<string, Upload>
  /** Settings that belong to no version. */
  settings: Record<string, unknown>
}

/** A request to the account; `path` has no address of the account before it. */
export interface AccountRequest {
  method: string
  path: string
  body: Buffer
  contentType: string
}

/** The account. `files` are its assets by their hashes. */
export interface CloudflareAccount {
  workers: Map<string, StoredWorker>
  files: Map<string, Buffer>
  /** Requests that it does not serve. */
  unknown: string[]
  /** Returns the result; undefined for what does not exist. */
  respond(request: AccountRequest): Promise<unknown>
}

/** Creates an empty account. `onChange` is called when a Worker has to start anew, and before the response. */
export function createAccount(onChange: (name: string) => Promise<void>): CloudflareAccount {
  const workers = new Map<string, StoredWorker>()
  const files = new Map<string, Buffer>()
  const manifests = new Map<string, StoredWorker['assets']>()
  const unknown: string[] = []

  async function respond({ method, path, body, contentType }: AccountRequest): Promise<unknown> {
    const json = () => JSON.parse(body.toString())
    const [, kind, name = '', rest = ''] =
      /^\/workers\/(services|scripts|workers)\/([^/]+)(\/.*)?$/.exec(path) ?? []
    const worker = workers.get(name)
    switch (`${method} ${kind === undefined ? path : kind + rest}`) {
      case 'GET /workers/subdomain':
        return { subdomain: 'acme' }
      case 'GET /storage/kv/namespaces':
        return []
      case 'POST /workers/assets/upload':
        for (const [hash, bytes] of await readAssets(body, contentType)) files.set(hash, bytes)
        return { jwt: 'assets.are.complete' }
      case 'GET services':
        return (
          worker && { id: name, default_environment: { environment: 'production', script: { id: name } } }
        )
      case 'DELETE services':
        workers.delete(name)
        await onChange(name)
        return worker && { id: name }
      case 'GET workers':
        return worker && { id: name, name, subdomain: { enabled: true, previews_enabled: false } }
      case 'GET scripts/secrets':
        return worker && secretsOf(worker)
      case 'PATCH scripts/secrets-bulk':
        if (worker === undefined) return undefined
        changeSecrets(worker.secrets, json().secrets)
        await onChange(name)
        return []
      case 'GET scripts/settings':
        return worker && { bindings: secretsOf(worker) }
      case 'GET scripts/deployments':
        return worker && { deployments: [] }
      case 'GET scripts/subdomain':
      case 'POST scripts/subdomain':
        return worker && { enabled: true, previews_enabled: false }
      case 'PATCH scripts/script-settings':
        return worker && Object.assign(worker.settings, json())
      case 'POST scripts/assets-upload-session': {
        const { manifest } = json()
        manifests.set(name, manifest)
        return { jwt: 'assets.to.upload', buckets: missingFiles(manifest, files) }
      }
      case 'PUT scripts': {
        const upload = await readUpload(body, contentType)
        const isDraft = upload.metadata.compatibility_date === undefined
        workers.set(name, {
          secrets: worker?.secrets ?? new Map(),
          upload: isDraft ? undefined : upload,
          assets: manifests.get(name) ?? {},
          versions: new Map(),
          settings: {},
        })
        await onChange(name)
        return { id: name, startup_time_ms: 5 }
      }
      case 'POST scripts/versions': {
        if (worker === undefined) return undefined
        const upload = await readUpload(body, contentType)
        const inherited = upload.metadata.bindings.filter(({ type }) => type === 'inherit')
        if (!inherited.every((binding) => worker.secrets.has(binding.name))) return undefined
        const id = crypto.randomUUID()
        worker.versions.set(id, upload)
        return { id, startup_time_ms: 5, resources: { script: { etag: id } } }
      }
      case 'POST scripts/deployments': {
        const [version] = json().versions as { version_id: string }[]
        const upload = worker?.versions.get(version?.version_id ?? '')
        if (worker === undefined || upload === undefined) return undefined
        Object.assign(worker, { upload, assets: manifests.get(name) ?? {} })
        await onChange(name)
        return { id: crypto.randomUUID() }
      }
      default:
        unknown.push(`${method} ${path}`)
        return undefined
    }
  }
  return { workers, files, unknown, respond }
}

/** Without their values, as Cloudflare lists them. */
function secretsOf({ secrets }: StoredWorker) {
  return [...secrets.keys()].map((name) => ({ name, type: 'secret_text' }))
}

function changeSecrets(secrets: Map<string, string>, changes: Record<string, { text: string } | null>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) secrets.delete(name)
    else secrets.set(name, value.text)
  }
}

/** One bucket with every file that was not uploaded before. */
function missingFiles(manifest: StoredWorker['assets'], files: Map<string, Buffer>): string[][] {
  const missing = Object.values(manifest).flatMap(({ hash }) => (files.has(hash) ? [] : [hash]))
  return missing.length === 0 ? [] : [missing]
}

/** The parts of an upload: the bytes of each file in Base64, under its hash. */
async function readAssets(body: Buffer, contentType: string): Promise<[string, Buffer][]> {
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
  const parts = [...(await response.formData())]
  return Promise.all(
    parts.map(async ([hash, part]): Promise<[string, Buffer]> => {
      return [hash, Buffer.from(typeof part === 'string' ? part : await part.text(), 'base64')]
    }),
  )
}
