// What a step of the setup is, and what the steps share.
import type { Terminal } from '../admin/terminal.ts'
import type { DatabaseState } from './deployment-state.ts'
import type { SetupInputs } from './setup-inputs.ts'
import type { Wrangler } from './wrangler.ts'

/** What all steps work with. `made` grows from step to step, and is in memory only. */
export interface SetupContext {
  inputs: SetupInputs
  terminal: Terminal
  wrangler: Wrangler
  /** The secrets that the Worker has; undefined when there is no Worker yet. */
  workerSecrets: string[] | undefined
  made: {
    databaseUrl?: string
    apiKeySecret?: string
    apiKey?: string
    /** Where the API is reached, without a slash at the end. */
    url?: string | undefined
  }
  /** Reads the database as it is now. */
  database(): Promise<DatabaseState>
  /** Prints lines for the person. */
  print(...lines: string[]): void
}

/** One step. It can be run again, and then does what is left of it. */
export interface SetupStep {
  name: string
  /** What it will change, a line each; none when there is nothing to do. Changes nothing. */
  plan(context: SetupContext): Promise<string[]>
  /** Does that. Throws AdminError with what to do next. */
  apply(context: SetupContext): Promise<void>
}

/** The login that the Worker connects with. */
export const WORKER_LOGIN = 'job_analytics_api'
