// The multipart body with which wrangler uploads a Worker: its one module, and its settings.
import * as z from 'zod/mini'

const binding = z.object({
  type: z.string(),
  name: z.string(),
  text: z.optional(z.string()),
  namespace_id: z.optional(z.string()),
  simple: z.optional(
    z.object({ limit: z.number(), period: z.optional(z.union([z.literal(10), z.literal(60)])) }),
  ),
})
const metadata = z.object({
  main_module: z.string(),
  bindings: z.array(binding),
  compatibility_date: z.optional(z.string()),
  compatibility_flags: z._default(z.array(z.string()), []),
  placement: z.optional(z.unknown()),
})

/** A binding as it is uploaded. */
export type UploadedBinding = z.infer<typeof binding>

/** What was uploaded. */
export interface Upload {
  metadata: z.infer<typeof metadata>
  script: string
}

/** Reads an upload. Throws when it has another form. */
export async function readUpload(body: Buffer, contentType: string): Promise<Upload> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData()
  const settings = metadata.parse(JSON.parse(await textOf(form.get('metadata'))))
  return { metadata: settings, script: await textOf(form.get(settings.main_module)) }
}

async function textOf(part: File | string | null): Promise<string> {
  if (part === null) throw new Error('a part is missing')
  return typeof part === 'string' ? part : part.text()
}
