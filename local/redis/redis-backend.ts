// What the REST front needs of a Redis engine, and the replies an engine gives: RESP2's five types, told apart.

/** A reply of RESP2: nil, an integer of 64 bits, a bulk string's bytes, a status such as OK, an error, or an array of these. */
export type Reply = null | bigint | Buffer | RedisStatus | RedisError | Reply[]

/** A Redis engine: embedded in this process, or a server reached over TCP. */
export interface RedisBackend {
  /**
   * Runs the commands in order, nothing else between them, and gives one reply each; a command's failure is a `RedisError` among
   * the replies. Rejects only when the engine itself cannot be reached or has stopped.
   */
  send(commands: readonly (readonly string[])[]): Promise<Reply[]>
  close(): Promise<void>
}

/** A simple string, by which Redis says how a command went: `OK`, `QUEUED`, `PONG`. */
export class RedisStatus {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An error of a command as Redis words it, its code first: `WRONGTYPE Operation against ...`. */
export class RedisError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
