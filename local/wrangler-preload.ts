// Loaded into wrangler's process before wrangler itself: gives it the Worker's bindings, and ends it with its parent.
import { BINDINGS_VARIABLE } from './worker-bindings.ts'

const { [BINDINGS_VARIABLE]: json } = process.env
// Wrangler passes its Node options on to processes of its own; these have no such variable.
if (json !== undefined) {
  delete process.env[BINDINGS_VARIABLE]
  // Added here, they never are on a command line that other users of the machine can read.
  for (const [name, value] of Object.entries(JSON.parse(json))) process.argv.push('--var', `${name}:${value}`)
  // The parent's channel closes when the parent ends, in whatever way. workerd and esbuild are in this process' group.
  process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
}
