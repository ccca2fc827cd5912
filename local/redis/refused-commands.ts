// The commands that are refused: they need a connection of their own, which REST does not have, or would harm the shared engine.

const WAITING = 'BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF'
const STREAMING =
  'SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC REPLCONF'
/** A transaction is a request to /multi-exec. */
const CHANGING_THE_CONNECTION =
  'MULTI EXEC DISCARD WATCH UNWATCH SELECT AUTH HELLO RESET QUIT CLIENT ASKING READONLY READWRITE'
const ADMINISTERING =
  'SHUTDOWN DEBUG CONFIG ACL MODULE CLUSTER SAVE BGSAVE BGREWRITEAOF FAILOVER REPLICAOF SLAVEOF ROLE SWAPDB MIGRATE'

const REFUSED = new Set([WAITING, STREAMING, CHANGING_THE_CONNECTION, ADMINISTERING].join(' ').split(' '))
const MAY_BLOCK = new Set(['XREAD', 'XREADGROUP'])

/** Why this command is refused, in Upstash's words; `undefined` if it may run. */
export function refusalOf(command: readonly string[]): string | undefined {
  const name = (command[0] ?? '').toUpperCase()
  const blocks = MAY_BLOCK.has(name) && command.some((argument) => argument.toUpperCase() === 'BLOCK')
  if (!blocks && !REFUSED.has(name)) return undefined
  return `ERR Command is not available: '${blocks ? `${name} BLOCK` : name}'. It cannot be used over REST`
}
