// The words the reference opens with.

import type { oas31 } from 'zod-openapi'
import { ERRORS } from '../../src/errors.ts'

const errorRows = Object.entries(ERRORS)
  .map(([code, { status, message }]) => `| ${status} | [\`${code}\`](/docs/errors#${code}) | ${message} |`)
  .join('\n')

/** Markdown: keys, limits, freshness and errors, which are the same for all endpoints. */
export const INTRODUCTION = `How many people visited your job postings.

\`\`\`sh
curl -H 'x-api-key: YOUR_KEY' \\
  'https://YOUR_HOST/analytics/jobs?jobIds=ID,ID'
\`\`\`

## Keys
Send your organization's key in the \`x-api-key\` header. It reaches your organization's jobs and no others. Keep it on your server: a page that holds it gives it away.

## Limits
A key may make 100 requests in any 60 seconds and have 10 under way at once. \`RateLimit\` says in each answer what is left. A client that
stays within both is never refused, and one that waits for the seconds of a 429's \`Retry-After\` is admitted.

## Freshness
Figures are kept for a few minutes: \`Age\` says how old they are, \`Cache-Control\` for how long they are still fresh. Sent back as \`If-None-Match\`, the \`ETag\` gives a 304 where nothing has changed.

## Methods
Every address takes GET, HEAD and OPTIONS; any other method is a 405 with \`Allow\`, any other address a 404.

## Errors
An error has a \`code\` for your program, a \`message\` for you, the \`request_id\` to tell us and \`docs\` with what to do. With \`Accept: application/problem+json\` it comes as RFC 9457 problem details.

| status | code | message |
|---|---|---|
${errorRows}
`

export const TAGS: oas31.TagObject[] = [
  { name: 'Analytics', description: 'Figures of your job postings.' },
  { name: 'Jobs', description: 'What is posted.' },
  { name: 'Status', description: 'Whether the service works. No key needed.' },
]
