// Makes scripts for Upstash run on stock Redis, which refuses Upstash's own script flag `allow-key-locking`.
// https://upstash.com/docs/redis/features/key-locking
import { createHash } from 'node:crypto'
import type { RedisBackend, Reply } from './redis-backend.ts'

const FLAG = 'allow-key-locking'

/**
 * Wraps an engine so that EVAL and SCRIPT LOAD remove the flag from a script's first line, and EVALSHA and SCRIPT EXISTS find
 * such a script by the SHA-1 of the text that the caller sent.
 */
export function withKeyLockingScripts(redis: RedisBackend): RedisBackend {
  /** SHA-1 of a script as it was sent -> SHA-1 of the script without the flag. */
  const withoutFlags = new Map<string, string>()
  const accept = (script: string): string => {
    const accepted = withoutFlag(script)
    if (accepted !== script) withoutFlags.set(sha1(script), sha1(accepted))
    return accepted
  }
  const shaOf = (sha: string) => withoutFlags.get(sha.toLowerCase()) ?? sha

  const translate = (command: readonly string[]): readonly string[] => {
    const [name = '', first = '', ...rest] = command
    switch (name.toUpperCase()) {
      case 'EVAL':
      case 'EVAL_RO':
        return command.length > 1 ? [name, accept(first), ...rest] : command
      case 'EVALSHA':
      case 'EVALSHA_RO':
        return command.length > 1 ? [name, shaOf(first), ...rest] : command
      case 'SCRIPT':
        if (first.toUpperCase() === 'LOAD') return [name, first, ...rest.map(accept)]
        return first.toUpperCase() === 'EXISTS' ? [name, first, ...rest.map(shaOf)] : command
      default:
        return command
    }
  }
  return {
    send: async (commands) => {
      const replies = await redis.send(commands.map(translate))
      return replies.map((reply, index) => replyToLoad(commands[index], reply))
    },
    close: () => redis.close(),
  }
}

/** SCRIPT LOAD returns the SHA-1 of the script as its caller sent it. */
function replyToLoad(command: readonly string[] | undefined, reply: Reply): Reply {
  const [name, first, script] = command ?? []
  const isLoad = name?.toUpperCase() === 'SCRIPT' && first?.toUpperCase() === 'LOAD'
  return isLoad && script !== undefined && Buffer.isBuffer(reply) ? Buffer.from(sha1(script)) : reply
}

/** Keeps the line break, so that the line number in an error stays right. */
function withoutFlag(script: string): string {
  const [line, options] = /^#!lua\b([^\n]*)/.exec(script) ?? []
  const flags = /\bflags=(\S+)/.exec(options ?? '')?.[1]?.split(',') ?? []
  if (line === undefined || !flags.includes(FLAG)) return script
  const others = flags.filter((flag) => flag !== FLAG)
  return (others.length === 0 ? '' : `#!lua flags=${others.join(',')}`) + script.slice(line.length)
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
