// Checks the Worker's bindings with the Worker's own parser.
import { ConfigError, parseSettings } from '../../../src/config.ts'
import type { Settings } from '../settings.ts'
import { type Finding, failed, ok } from './finding.ts'

/** Reports the same verdict as the Worker. `FLOOR` is left out, because the platform makes it from wrangler.toml. */
export function examineBindings(settings: Settings): Finding {
  try {
    parseSettings(settings)
    return ok('bindings', 'all are set and have the right form')
  } catch (error) {
    if (error instanceof ConfigError) return failed('bindings', error.message)
    throw error
  }
}
