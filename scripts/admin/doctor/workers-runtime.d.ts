// The type of the Workers runtime that src/config.ts uses. Scripts are checked against Node's types, which lack it.
interface RateLimit {
  limit(options: { key: string }): Promise<{ success: boolean }>
}
