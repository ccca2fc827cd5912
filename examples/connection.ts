// Where the API is and which key to use: from the environment, or from the demo of `npm run dev`.

import { readFile } from 'node:fs/promises'

/** Options for the client. `ANALYTICS_URL` and `ANALYTICS_API_KEY` take precedence over the demo. Ends the process if there is neither. */
export async function connection(): Promise<{ baseUrl: string; apiKey: string }> {
  const { ANALYTICS_URL: baseUrl, ANALYTICS_API_KEY: apiKey } = process.env
  if (baseUrl && apiKey) return { baseUrl, apiKey }
  try {
    const demo = JSON.parse(await readFile('.dev/demo.json', 'utf8'))
    return { baseUrl: demo.url, apiKey: demo.organizations[0].apiKey }
  } catch {
    console.error('Set ANALYTICS_URL and ANALYTICS_API_KEY, or start the demo with: npm run dev')
    process.exit(1)
  }
}
