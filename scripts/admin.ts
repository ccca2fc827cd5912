// `npm run admin -- <command>`: what the platform's operator does from a terminal.
import './admin/small-heap.ts'
import { runAdmin } from './admin/run-admin.ts'
import { processTerminal } from './admin/terminal.ts'

let hasCrashed = false
const crash = new Promise<never>((_, reject) => {
  // Rejected promises that nobody handles arrive here too.
  process.on('uncaughtException', (error) => {
    hasCrashed = true
    reject(error)
  })
})

process.exitCode = await runAdmin(process.argv.slice(2), processTerminal(), crash)
// After a crash something may still keep the process alive.
if (hasCrashed) process.exit()
