// What the run's setup tells the tests of the stack it started.

/** The Worker's bindings, the demo and the address of the proxy that can be told to fail. */
export interface ProvidedStack {
  bindings: Record<string, string | undefined>
  demo: {
    organizations: {
      id: string
      name: string
      domain: string
      domainVerified: boolean
      apiKey: string
      jobs: { id: string; path: string; title: string }[]
    }[]
    stores: {
      databaseUrl: string
      neonEndpoint: string
      redisUrl: string
      redisToken: string
      plausibleUrl: string
    }
    secrets: { apiKeySecret: string; plausibleApiKey: string }
  }
  faultyUrl: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: ProvidedStack
  }
}
