// Runs JavaScript in a worker thread in the middle of whatever the thread is doing, endless WebAssembly included.
import { Session } from 'node:inspector'
import type { Worker } from 'node:worker_threads'

const TIMEOUT_MS = 1000

/**
 * Evaluates an expression in the thread's global scope and waits until that is done. The debugger's protocol interrupts
 * JavaScript and WebAssembly, but not native code. Resolves after 1 s at the latest, evaluated or not.
 */
export async function evaluateInThread({ threadId }: Worker, expression: string): Promise<void> {
  // The protocol has its own names for threads, so every thread gets the expression, and one evaluates it.
  const isThread = `process.getBuiltinModule('node:worker_threads').threadId === ${threadId}`
  const evaluate = {
    id: 1,
    method: 'Runtime.evaluate',
    params: { expression: `${isThread} && [${expression}]` },
  }
  const { promise, resolve } = Promise.withResolvers<void>()
  const session = new Session()
  session.connect()
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify(evaluate) })
  })
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { result } = JSON.parse(params.message)
    // Other threads respond with `false`.
    if (result?.result?.type === 'object') resolve()
  })
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  const timer = setTimeout(resolve, TIMEOUT_MS)
  await promise
  clearTimeout(timer)
  session.disconnect()
}
