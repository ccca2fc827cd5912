// The reference's own code, Scalar, as one script for the browser.

import scalar from '@scalar/fastify-api-reference'
import fastify from 'fastify'

/** Its text. The plugin serves the finished bundle; the package it is built from would bring 250 others with it. */
export async function scalarScript(): Promise<string> {
  const server = fastify()
  await server.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } })
  const { statusCode, body } = await server.inject('/docs/js/scalar.js')
  await server.close()
  if (statusCode !== 200) throw new Error(`Scalar's plugin answered its script with status ${statusCode}`)
  return body.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
}
