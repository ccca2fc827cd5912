// What the setup of a test run provides to the tests: the stack that it started.
import type { Demo } from '../../local/demo-schema.ts'

/** The Worker's bindings, the demo, and the address of the proxy that fails as the tests tell it to. */
export interface ProvidedStack {
  bindings: Record<string, string | undefined>
  demo: Demo
  faultyUrl: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: ProvidedStack
  }
}
