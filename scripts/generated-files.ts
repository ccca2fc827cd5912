// The files of the repository that are made from the contract.

import { wireTypes } from './client/wire-types.ts'
import { openApiDocument } from './openapi/document.ts'

/** The text of `openapi.json`. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`
}

/** The texts of all of them by path from the root. */
export async function generatedFiles(): Promise<Record<string, string>> {
  return {
    'openapi.json': openApiText(),
    'src/client/wire-types.ts': await wireTypes(),
  }
}
