// Converts an OpenAPI document to a Postman collection with Postman's own converter, and lists what the collection sends.

import converter from 'openapi-to-postmanv2'
import * as z from 'zod/mini'

/** One request of a collection, without the parameters that are switched off. */
export interface PostmanRequest {
  method: string
  path: string
  query: [name: string, value: string][]
  /** What it sends to be let in, as Postman calls it, such as `apikey` or `bearer`; undefined for nothing. */
  auth: string | undefined
}

const request = z.object({
  method: z.string(),
  auth: z.nullish(z.object({ type: z.string() })),
  url: z.object({
    host: z.array(z.string()),
    path: z.array(z.string()),
    query: z.array(z.object({ key: z.string(), value: z.string(), disabled: z.optional(z.boolean()) })),
  }),
})
type Item = { request: z.infer<typeof request> } | { item: Item[] }
const item: z.ZodMiniType<Item> = z.lazy(() =>
  z.union([z.object({ request }), z.object({ item: z.array(item) })]),
)
const collection = z.object({
  item: z.array(item),
  variable: z.array(z.object({ key: z.string(), value: z.string() })),
})

/** `options` are the converter's. Rejects if it fails, or if a request does not begin with the variable `baseUrl`. */
export async function convertToPostman(
  document: object,
  options: Record<string, unknown> = {},
): Promise<{ requests: PostmanRequest[]; variables: Record<string, string> }> {
  const data = JSON.stringify(document)
  const output = await new Promise<unknown>((resolve, reject) => {
    converter.convertV2({ type: 'string', data }, options, (error, result) => {
      if (error || !result?.result) reject(error ?? new Error(result?.reason))
      else resolve(result.output?.[0]?.data)
    })
  })
  const { item: items, variable } = collection.parse(output)
  return {
    requests: requestsOf(items),
    variables: Object.fromEntries(variable.map(({ key, value }) => [key, value])),
  }
}

function requestsOf(items: readonly Item[]): PostmanRequest[] {
  return items.flatMap((entry) => {
    if ('item' in entry) return requestsOf(entry.item)
    const { method, url, auth } = entry.request
    if (url.host.join('.') !== '{{baseUrl}}') throw new Error(`The URL begins with ${url.host.join('.')}`)
    const sent = url.query.filter(({ disabled }) => !disabled)
    return {
      method,
      path: `/${url.path.join('/')}`,
      query: sent.map(({ key, value }): [string, string] => [key, value]),
      auth: auth?.type,
    }
  })
}
