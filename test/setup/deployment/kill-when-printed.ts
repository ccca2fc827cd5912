// Loaded with `--import` before a script: ends it the moment it has printed the text in KILL_WHEN_PRINTED. A signal sent by
// the test instead comes late on a busy machine, when the script has gone on to its next steps.
const text = process.env['KILL_WHEN_PRINTED'] ?? ''
const write = process.stdout.write.bind(process.stdout)
let printed = ''

process.stdout.write = (chunk: string | Uint8Array, ...rest: never[]) => {
  const written = write(chunk, ...rest)
  printed += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
  if (printed.includes(text)) process.kill(process.pid, 'SIGKILL')
  return written
}
