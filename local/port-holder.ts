// Finds out which process listens on a port of this machine, for an error message.
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'

const LISTEN = '0A'
const MAX_COMMAND_LENGTH = 60

/** A process: its ID, and the beginning of its command without what may be secret. */
export interface PortHolder {
  pid: number
  command: string
}

/** The process that listens on the TCP port. Undefined if there is none, or if the system does not reveal it. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  try {
    return process.platform === 'linux' ? await findInProc(port) : await askLsof(port)
  } catch {
    return undefined
  }
}

async function findInProc(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')))
  const sockets = tables.flatMap((table) => table.split('\n').flatMap((line) => listeningSocket(line, port)))
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || !(await hasSocket(pid, sockets))) continue
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    return { pid: Number(pid), command: shorten(words) }
  }
  return undefined
}

/** The name of the socket in a line of /proc/net/tcp, as the links in /proc/<pid>/fd have it. */
function listeningSocket(line: string, port: number): string[] {
  const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  return state === LISTEN && local?.endsWith(`:${hexPort}`) ? [`socket:[${inode}]`] : []
}

async function hasSocket(pid: string, sockets: string[]): Promise<boolean> {
  // The files of other users' processes cannot be listed, and a process may end at any time.
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  return links.some((link) => sockets.includes(link))
}

async function askLsof(port: number): Promise<PortHolder | undefined> {
  const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const [, pid, command = ''] = /^p(\d+)\nc(.*)$/m.exec(stdout) ?? []
  return pid === undefined ? undefined : { pid: Number(pid), command }
}

/** The program and its script: arguments may be secrets. */
function shorten([program = '', ...args]: string[]): string {
  const script = args.find((word) => /\.[cm]?[jt]s$/.test(word))
  return [basename(program), script ?? ''].join(' ').trim().slice(0, MAX_COMMAND_LENGTH)
}
