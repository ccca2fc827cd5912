// How the console's pages are built: into public/console/, under names that change with their content.

import { join } from 'node:path'
import { defineConfig } from 'vite'

const ROOT = import.meta.dirname
const API = process.env['CONSOLE_API'] ?? 'http://127.0.0.1:8787'

export default defineConfig({
  root: ROOT,
  base: '/console/',
  appType: 'spa',
  publicDir: false,
  resolve: {
    alias: { 'job-analytics-client': join(ROOT, '..', 'packages', 'client', 'src', 'index.ts') },
  },
  build: {
    outDir: join(ROOT, '..', 'public', 'console'),
    // The browsers that have light-dark(), which the colors of the pages use.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // `npm run dev:console` changes the pages as you edit. The figures come from `npm run dev`.
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      [
        '/analytics',
        '/jobs',
        '/usage',
        '/keys',
        '/console/session',
        '/console/sign-in',
        '/console/sign-out',
      ].map((path) => [path, { target: API }]),
    ),
  },
})
