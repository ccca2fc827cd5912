// What the REST front needs from a Redis engine, and the types of its replies: the five of RESP2.

/** A reply of RESP2: nil, an integer of 64 bits, a bulk string's bytes, a status such as OK, an error, or an array of these. */
export type Reply = null | bigint | Buffer | RedisStatus | RedisError | Reply[]

/** A Redis engine: embedded, or a server over TCP. */
export interface RedisBackend {
  /**
   * Runs the commands in order, with no others between them, and returns one reply for each. A command that fails has a
   * `RedisError` as its reply. Rejects when the engine cannot be reached or has stopped.
   */
  send(commands: readonly (readonly string[])[]): Promise<Reply[]>
  close(): Promise<void>
}

/** A simple string, the status of a command: `OK`, `QUEUED`, `PONG`. */
export class RedisStatus {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** The error of a command in Redis' own words, its code first: `WRONGTYPE Operation against ...`. */
export class RedisError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
