// The OpenAPI document of the API, made from the contract, the error table and the entries of the endpoints.

import * as z from 'zod/mini'
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi'
import packageJson from '../../package.json' with { type: 'json' }
import { parameterProblem } from '../../src/answers/parameter-problem.ts'
import { errorsOf, operationOf } from './endpoint-entry.ts'
import { ENDPOINTS } from './endpoints.ts'
import { errorComponents } from './error-answers.ts'
import { EVERY_ANSWER, HEADERS, headerReferences } from './headers.ts'
import { INTRODUCTION, TAGS } from './introduction.ts'

/** Builds the document, OpenAPI 3.1. Deterministic: the same contract gives the same document. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  z.globalRegistry.add(parameterProblem, { id: 'ParameterProblem' })
  const paths: ZodOpenApiPathsObject = Object.fromEntries(
    ENDPOINTS.map((entry) => [entry.path, { get: operationOf(entry) }]),
  )
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Job analytics API',
        version: packageJson.version,
        description: INTRODUCTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: TAGS,
      paths,
      components: {
        headers: HEADERS,
        responses: {
          ...errorComponents(['not_found']),
          ...Object.assign({}, ...ENDPOINTS.map((entry) => errorComponents(errorsOf(entry)))),
          Options: {
            description:
              'What the address takes. Answered without a key; to a page that asks first, with CORS.',
            headers: headerReferences([...EVERY_ANSWER, 'Allow']),
          },
        },
        securitySchemes: {
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'x-api-key',
            description: 'Your organization’s key, `jak_` and 42 more characters.',
          },
        },
      },
      // The answers of what no operation describes.
      'x-other-answers': {
        unknownAddress: { $ref: '#/components/responses/NotFound' },
        OPTIONS: { $ref: '#/components/responses/Options' },
      },
    },
    { override: ({ jsonSchema }) => simplify(jsonSchema) },
  )
}

/** Takes out what the generator adds and the contract does not promise: fields may be added, and 2^53 is no limit of ours. */
function simplify(schema: z.core.JSONSchema.JSONSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
}
