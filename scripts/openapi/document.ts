// Builds the OpenAPI document of the API from the schemas, the error table, and the reference of each endpoint.

import type * as z from 'zod/mini'
import { createDocument } from 'zod-openapi'
import packageJson from '../../package.json' with { type: 'json' }
import { CHANGES, ENDPOINTS } from './endpoints.ts'
import { errorComponents, errorResponseOf } from './error-responses.ts'
import { EVERY_RESPONSE, HEADERS, headersOf, NO_STORE } from './headers.ts'
import { INTRODUCTION, TAGS } from './introduction.ts'
import { NAMED_SCHEMAS, withNamedWords } from './named-schemas.ts'
import { operationsOf } from './operations.ts'

/** Every path, in the order of the reference: those that are only changed follow the others of their group. */
const PATHS = [...new Set([...ENDPOINTS, ...CHANGES].map(({ path }) => path))]

/** Builds the document, OpenAPI 3.1. Deterministic: the same sources give the same document. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Job analytics API',
        version: packageJson.version,
        description: INTRODUCTION,
        contact: { name: 'The job board platform that issued your API key' },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        {
          url: 'https://{host}',
          description: 'The API of your platform',
          variables: {
            host: {
              default: 'analytics.example.com',
              description: 'The host of the API. Your platform gives it to you with the API key.',
            },
          },
        },
      ],
      tags: TAGS,
      paths: Object.fromEntries(
        PATHS.map((path) => [
          path,
          operationsOf(
            ENDPOINTS.find((reference) => reference.path === path),
            CHANGES.filter((change) => change.path === path),
          ),
        ]),
      ),
      components: {
        schemas: NAMED_SCHEMAS,
        headers: HEADERS,
        responses: {
          MethodNotAllowed: errorResponseOf(['method_not_allowed']),
          ...Object.assign({}, ...ENDPOINTS.map(({ errors }) => errorComponents(errors, { bodiless: true }))),
          ...Object.assign({}, ...CHANGES.map(({ errors }) => errorComponents(errors))),
          Options: {
            description: 'The methods of the path. For a preflight request also the CORS headers.',
            headers: headersOf([...EVERY_RESPONSE, 'Allow'], {
              'Cache-Control': NO_STORE,
              Vary: { example: 'Origin' },
            }),
          },
        },
        securitySchemes: {
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'x-api-key',
            description: 'Your organization’s API key: `jak_` and 42 more characters.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-console',
            description: 'The session of a person who is signed in to the console.',
          },
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'A token that the platform signed for one of its people. Each works once.',
          },
        },
      },
      // The response of every path that the document does not name.
      'x-unknown-path': errorResponseOf(['not_found']),
    },
    { override: ({ jsonSchema }) => simplify(jsonSchema) },
  )
  const { schemas = {}, headers = {}, responses } = document.components ?? {}
  const paths = withNamedWords(document.paths ?? {})
  const text = JSON.stringify([paths, responses])
  const usedHeaders = Object.entries(headers).filter(([name]) =>
    text.includes(`"#/components/headers/${name}"`),
  )
  const namedSchemas = Object.entries(schemas).map(([name, schema]) => [name, withNamedWords(schema)])
  return {
    ...document,
    paths,
    components: {
      ...document.components,
      schemas: Object.fromEntries(namedSchemas),
      headers: Object.fromEntries(usedHeaders),
    },
  }
}

/** Removes what the generator adds but the API does not promise: objects may get more fields, and 2^53 is no limit. */
function simplify(schema: z.core.JSONSchema.JSONSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  // More tools read a list of one word than a constant.
  if (typeof schema.const === 'string') {
    schema.enum = [schema.const]
    delete schema.const
  }
}
