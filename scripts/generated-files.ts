// The files of the repository that are generated from the API's schemas and texts.

import { wireTypes } from './client/wire-types.ts'
import { openApiDocument } from './openapi/document.ts'

/** The text of `openapi.json`. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`
}

/** The text of each generated file, by its path from the root. */
export async function generatedFiles(): Promise<Record<string, string>> {
  return {
    'openapi.json': openApiText(),
    'packages/client/src/wire-types.ts': await wireTypes(),
  }
}
