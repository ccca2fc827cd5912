// A real Redis server over TCP, on one connection, which is opened again after it broke. Every `send` is one contiguous write.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type RedisBackend, RedisError, type Reply } from './redis-backend.ts'
import { encodeCommands, ReplyParser } from './resp.ts'

const CONNECT_TIMEOUT_MS = 3000
const DEFAULT_PORT = 6379

interface RedisAddress {
  host: string
  port: number
  /** The first commands of a new connection: AUTH and SELECT if the URL requires them, and PING. */
  greeting: string[][]
}

interface Connection {
  send(commands: readonly (readonly string[])[]): Promise<Reply[]>
  readonly open: boolean
  close(): void
}

/**
 * Connects to the server at `redis://[[user]:password@]host[:port][/database]` and checks that it responds.
 * Rejects with one line that names host and port, never the password. When the connection breaks later, running commands are
 * rejected and the next `send` connects again.
 */
export async function connectRedisServer(url: string): Promise<RedisBackend> {
  const address = parseRedisUrl(url)
  let connection = openConnection(address)
  await connection
  return {
    send: async (commands) => {
      const current = await connection.catch(() => undefined)
      if (current?.open) return current.send(commands)
      connection = openConnection(address)
      return (await connection).send(commands)
    },
    close: async () => {
      const current = await connection.catch(() => undefined)
      current?.close()
    },
  }
}

function parseRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text)
  const database = url?.pathname.slice(1) ?? ''
  if (url?.protocol !== 'redis:' || url.hostname === '' || !/^\d*$/.test(database)) {
    throw new Error(
      'REDIS_URL is not of the form redis://[user:password@]host[:port][/database]: correct or unset it',
    )
  }
  const greeting: string[][] = []
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  if (password !== '') greeting.push(user === '' ? ['AUTH', password] : ['AUTH', user, password])
  if (database !== '') greeting.push(['SELECT', database])
  greeting.push(['PING'])
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port), greeting }
}

async function openConnection({ host, port, greeting }: RedisAddress): Promise<Connection> {
  const where = `the Redis server at ${host}:${port} (REDIS_URL)`
  const socket = connect({ host, port, noDelay: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
  } catch {
    socket.destroy()
    throw new Error(`${where} cannot be reached: start it, or unset REDIS_URL to use the embedded one`)
  }
  const connection = speakOver(socket, where)
  const refusal = (await connection.send(greeting)).find((reply) => reply instanceof RedisError)
  if (refusal !== undefined) {
    connection.close()
    throw new Error(
      `${where} refused the connection (${refusal.message.split(' ', 1)[0]}): check its password and database`,
    )
  }
  return connection
}

function speakOver(socket: Socket, where: string): Connection {
  const parser = new ReplyParser()
  const waiting: PromiseWithResolvers<Reply>[] = []
  let open = true
  const end = () => {
    open = false
    const lost = new Error(`${where} closed the connection: check that it is running`)
    for (const { reject } of waiting.splice(0)) reject(lost)
  }
  // 'close' follows every error and does the cleanup.
  socket.on('error', () => {})
  socket.on('close', end)
  socket.on('data', (bytes) => {
    try {
      for (const reply of parser.feed(bytes)) waiting.shift()?.resolve(reply)
    } catch {
      socket.destroy()
    }
  })
  return {
    get open() {
      return open
    },
    send: (commands) => {
      const replies = commands.map(() => Promise.withResolvers<Reply>())
      waiting.push(...replies)
      socket.write(encodeCommands(commands))
      return Promise.all(replies.map(({ promise }) => promise))
    },
    close: () => socket.destroy(),
  }
}
