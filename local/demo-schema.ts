// The shape of `.dev/demo.json`, by which tests and tools find the running stack and its keys: one schema for writers and readers.
import * as z from 'zod/mini'

const organizationSchema = z.object({
  id: z.string(),
  name: z.string(),
  domain: z.string(),
  domainVerified: z.boolean(),
  /** A key that works. */
  apiKey: z.string(),
  /** All jobs of the organization. */
  jobs: z.array(z.object({ id: z.uuid(), path: z.string(), title: z.string() })),
})

/** The whole file. */
export const demoSchema = z.object({
  /** The address of the Worker. */
  url: z.url(),
  organizations: z.array(organizationSchema),
  stores: z.object({
    /** The login of the database's owner, not of the Worker: it may change everything. */
    databaseUrl: z.string(),
    /** The whole address, `/sql` included. */
    neonEndpoint: z.url(),
    /** The address of the REST front. */
    redisUrl: z.url(),
    redisToken: z.string(),
    plausibleUrl: z.url(),
  }),
  secrets: z.object({
    apiKeySecret: z.string(),
    plausibleApiKey: z.string(),
    /** Signs the links that sign in to the console. */
    consoleSecret: z.string(),
  }),
})

/** The contents of `.dev/demo.json`. */
export type DemoFile = z.infer<typeof demoSchema>

/** The same without the Worker's address: what the stack contains before the Worker runs. */
export type Demo = Omit<DemoFile, 'url'>

/** An organization of the demo, with a key that works and all of its jobs. */
export type DemoOrganization = z.infer<typeof organizationSchema>
