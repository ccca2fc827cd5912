// The text that the reference opens with.

import type { oas31 } from 'zod-openapi'
import { ERRORS } from '../../src/http/errors.ts'

const errorRows = Object.entries(ERRORS)
  .map(([code, { status, message }]) => `| ${status} | [\`${code}\`](/docs/errors#${code}) | ${message} |`)
  .join('\n')

/** Markdown: keys, limits, freshness, and errors, which are the same for all endpoints. */
export const INTRODUCTION = `The API returns how many people visited your job postings.

\`\`\`sh
curl -H 'x-api-key: YOUR_KEY' \\
  'https://YOUR_HOST/analytics/jobs?jobIds=ID,ID'
\`\`\`

## Keys
Send your organization's key in the \`x-api-key\` header. It gives access to your organization's jobs only. Keep it on your server: everybody who can read a page can read the key in it.

People of your organization can create keys in the console, which your job board opens for you.

A page in a browser can only call the API if the operator allows the page's origin: the setting \`CORS_ORIGINS\` lists the allowed origins, separated by commas.

## Parameters
Separate the values of a list with commas, or repeat the parameter; a name that ends in \`[]\` works too. Every endpoint refuses a parameter that it does not support:
the response is a 400 that names the parameter.

## Limits
By default, a key may make 100 requests in any 60 seconds and have 10 requests in progress at once. \`RateLimit-Policy\` contains the limits of your key, and \`RateLimit\` contains what is left.

After \`rate_limited\`, wait for the seconds in \`Retry-After\`. The key then has room for one more request. After \`too_many_concurrent_requests\`, \`Retry-After\` is advice, because a slot is
free as soon as one of your requests ends.

## Freshness
Figures are cached. \`Age\` is their age in seconds, and \`Cache-Control\` contains how many seconds they are still fresh. Send the \`ETag\` of a response as \`If-None-Match\`: if nothing has changed, the response is a 304 without a body.

## Tools
Generate a client from [openapi.json](/openapi.json), or import it into an API tool. In Postman, turn off "Enable optional parameters" before you import it, and set the variables \`host\` and \`apiKey\` of the collection.

## Methods
Every path of figures and jobs supports GET, HEAD, and OPTIONS. Any other method is a 405 with an \`Allow\` header. Any other path is a 404.

## Errors
An error has a \`code\` for your program, a \`message\` for you, a \`request_id\` for reports, and a link to its \`docs\`. With \`Accept: application/problem+json\` it is sent as RFC 9457 problem details.

For \`invalid_request\`, the \`message\` names the first invalid parameter and says what is wrong. \`details\` lists up to 20 invalid parameters.

| status | code | message |
|---|---|---|
${errorRows}
`

/** The groups of endpoints. */
export const TAGS: oas31.TagObject[] = [
  { name: 'Analytics', description: 'How your job postings are visited.' },
  { name: 'Jobs', description: 'Your job postings.' },
  { name: 'Usage', description: 'How your key uses the API.' },
  {
    name: 'API keys',
    description:
      'The API keys of your organization. People manage them in the console; a platform with a page of its own sends a token that it signed, see docs/console.md. A key cannot manage keys.',
  },
  { name: 'Status', description: 'Whether the API works. These endpoints need no key.' },
]
