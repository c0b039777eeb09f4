// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import type { UndoStack } from '../../src/util/undo-stack.js'
import { output } from './command.js'

/** What is to be reached, and where from. */
export interface Forwarding {
  /** A command that serves HTTP on `port` of every address; it finds busybox at its usual place, and `directory`. */
  readonly command: readonly string[]
  readonly port: number
  /** Of 127.0.0.1. */
  readonly hostPort: number
  /** Shown to the command under the same name; what a forwarder needs is written there, too. */
  readonly directory: string
  readonly undo: UndoStack
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const start = ([program = '', ...args]: readonly string[], undo: UndoStack): ChildProcess => {
  const child = spawn(program, args, { stdio: 'ignore' })
  child.on('error', () => {})
  const ended = once(child, 'exit').catch(() => {})
  undo.push(program, async () => {
    child.kill('SIGTERM')
    await ended
  })
  return child
}

/** passt's pasta; its name, or undefined where it is missing or does not run. */
export async function pasta({ command, port, hostPort, undo }: Forwarding): Promise<string | undefined> {
  if ((await output('which', 'pasta')) === undefined) return undefined
  const ports = ['-t', `127.0.0.1/${hostPort}:${port}`, '-T', 'none', '-u', 'none', '-U', 'none']
  // As root it would become nobody, and could not set up its namespaces any more.
  const who = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  start([...who, 'pasta', '--foreground', '--quiet', '--config-net', ...ports, '--', ...command], undo)
  return 'pasta'
}

/** slirp4netns, with a namespace of its own. */
export async function slirp4netns({
  command,
  port,
  hostPort,
  directory,
  undo,
}: Forwarding): Promise<string | undefined> {
  const version = /version (\S+)/.exec((await output('slirp4netns', '--version')) ?? '')?.[1]
  if (version === undefined) return undefined
  const holder = start(['unshare', '--net', ...command], undo)
  await wait(300)
  const socket = join(directory, 'slirp.sock')
  start(['slirp4netns', '--configure', '--mtu=65520', '--api-socket', socket, String(holder.pid), 'tap0'], undo)
  const forward = { proto: 'tcp', host_addr: '127.0.0.1', host_port: hostPort, guest_port: port }
  for (let attempt = 0; attempt < 50; attempt++) {
    await wait(50)
    if (await told(socket, { execute: 'add_hostfwd', arguments: forward })) return `slirp4netns ${version}`
  }
  return undefined
}

async function told(path: string, message: object): Promise<boolean> {
  const socket = createConnection(path)
  socket.on('error', () => {})
  try {
    await once(socket, 'connect')
    socket.end(JSON.stringify(message))
    let said = ''
    for await (const chunk of socket) said += chunk
    return said.includes('return')
  } catch {
    return false
  }
}

/** Docker, from the image that the bench has given it. */
export async function docker({ command, port, hostPort, directory, undo }: Forwarding): Promise<string | undefined> {
  const version = await output('docker', 'version', '--format', '{{.Server.Version}}')
  if (!version) return undefined
  const name = `tscontainer-bench-port-${process.pid}`
  const options = ['--publish', `127.0.0.1:${hostPort}:${port}`, '--volume', `${directory}:${directory}:ro`]
  const run = ['run', '--detach', '--rm', '--name', name, ...options, 'tscontainer-bench:latest', ...command]
  if ((await output('docker', ...run)) === undefined) return undefined
  undo.push('docker run', async () => void (await output('docker', 'rm', '--force', name)))
  return `docker ${version}`
}
