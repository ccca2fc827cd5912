// Runs commands of `npm run admin` for the setup, with its own settings and without a terminal.
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { AdminError, type ErrorReason, EXIT_CODES } from '../admin/admin-error.ts'
import { runAdmin } from '../admin/run-admin.ts'
import type { Settings } from '../admin/settings.ts'

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/**
 * Runs a command, agreeing to its questions, and returns the part of its document that fits `schema`. Nothing is printed. Throws
 * AdminError with the command's own reason and message. `accepts` are reasons that are not errors here.
 */
export async function runAdminCommand<T>(
  argv: string[],
  settings: Settings,
  schema: z.ZodMiniType<T>,
  accepts: ErrorReason[] = [],
): Promise<T> {
  const output = new PassThrough()
  const messages = new PassThrough()
  messages.resume()
  const printed = text(output)
  const code = await runAdmin([...argv, '--json', '--yes'], {
    output,
    messages,
    input: Readable.from([]),
    environment: settings,
    columns: undefined,
    isInteractive: false,
    interrupted: new AbortController().signal,
  })
  output.end()
  const document: unknown = JSON.parse(await printed)
  if (code === EXIT_CODES.ok || accepts.some((reason) => code === EXIT_CODES[reason]))
    return schema.parse(document)
  throw new AdminError(reasonOf(code), failure.parse(document).error.message)
}

function reasonOf(code: number): ErrorReason {
  for (const reason of ['usage', 'not_found', 'unavailable', 'lines_refused', 'interrupted'] as const) {
    if (EXIT_CODES[reason] === code) return reason
  }
  return 'failed'
}
