// What src/config.ts names of the Workers runtime, for the scripts, which are checked against Node's types.
interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>
}
