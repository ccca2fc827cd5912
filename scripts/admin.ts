// `npm run admin -- <command>`: what the platform's operator does from a terminal.
import './admin/small-heap.ts'
import { runAdmin } from './admin/run-admin.ts'
import { processTerminal } from './admin/terminal.ts'

process.exitCode = await runAdmin(process.argv.slice(2), processTerminal())
