// The manifest of the package that `npm pack` makes: the client alone, with nothing to install beside it.

import { CLIENT_FOLDER } from './build-client.ts'

/** What is taken over from the repository's own manifest. */
export interface RootManifest {
  name: string
  version: string
  description: string
  license: string
}

/** The text of the client's package.json. */
export function clientManifest({ name, version, description, license }: RootManifest): string {
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.3' },
    files: [CLIENT_FOLDER],
    exports: {
      './client': { types: `./${CLIENT_FOLDER}/client.d.ts`, default: `./${CLIENT_FOLDER}/client.js` },
      './package.json': './package.json',
    },
    // Run again by npm once the package is made: puts the repository's own manifest back.
    scripts: { postpack: 'node scripts/client/postpack.ts' },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
