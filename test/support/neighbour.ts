// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Another machine beside this one: a network namespace with one link, whose other end is a link of the host. */
export interface Neighbour {
  /** The link of the host. */
  readonly link: string
  exec(argv: readonly string[]): Promise<string>
  /** Something that goes on there until the neighbour ends; resolves with its first output. */
  serve(argv: readonly string[]): Promise<void>
  end(): Promise<void>
}

export interface NeighbourOptions {
  /** The name of the host's link, at most 12 characters. */
  readonly link: string
  /** Of the neighbour, with its length: `10.230.0.2/24`. */
  readonly address: string
  /** Of the host's link. */
  readonly hostAddress?: string
  /** A bridge of which the host's link becomes a port. */
  readonly bridge?: string
  /** Where its way out is. */
  readonly gateway?: string
}

/** Needs root. */
export const startNeighbour = async (options: NeighbourOptions): Promise<Neighbour> => {
  const { link, address, hostAddress, bridge, gateway } = options
  const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo; exec sleep infinity'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const inside = ['-t', String(holder.pid), '-n']
  const exec = async (argv: readonly string[]) => (await run('nsenter', [...inside, ...argv])).stdout
  const servers: ChildProcess[] = []
  const ip = (...args: readonly string[]) => run('ip', [...args])
  const end = async () => {
    for (const child of [...servers, holder]) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await ip('link', 'delete', link).catch(() => {})
  }
  try {
    await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder.pid))
    if (bridge !== undefined) await ip('link', 'set', link, 'master', bridge)
    if (hostAddress !== undefined) await ip('address', 'add', hostAddress, 'dev', link)
    await ip('link', 'set', link, 'up')
    await exec(['ip', 'link', 'set', 'lo', 'up'])
    await exec(['ip', 'address', 'add', address, 'dev', 'eth0'])
    await exec(['ip', 'link', 'set', 'eth0', 'up'])
    if (gateway !== undefined) await exec(['ip', 'route', 'add', 'default', 'via', gateway])
  } catch (error) {
    await end()
    throw error
  }
  const serve = async (argv: readonly string[]) => {
    const server = spawn('nsenter', [...inside, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
    servers.push(server)
    await once(server.stdout, 'data')
  }
  return { link, exec, serve, end }
}
