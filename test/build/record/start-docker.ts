// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A dockerd of our own, and its client. */
export interface Docker {
  /** Runs the client; both outputs together, whatever the exit status. */
  run(...args: readonly string[]): Promise<{ readonly status: number; readonly output: string }>
  /** A path below the working directory, as the client and dockerd see it. */
  inside(path: string): string
  stop(): Promise<void>
}

const work = '/var/tmp/record'
const socket = '/run/docker.sock'
const daemonOptions = [
  ...[
    '--data-root',
    `${work}/data`,
    '--exec-root',
    '/run/docker',
    '--pidfile',
    '/run/docker.pid',
    '-H',
    `unix://${socket}`,
  ],
  ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--cgroup-parent=/tsc-record'],
  // With containerd's store the client can write OCI layouts.
  ...['--feature', 'containerd-snapshotter=true'],
]

/**
 * Starts it from a directory tree, chrooted, with `directory` for everything that it writes. The caller is alone in its mount, process and
 * network namespaces: what is not undone here ends with them.
 */
export const startDocker = async (tree: string, directory: string): Promise<Docker> => {
  const mount = (...args: readonly string[]) => execFileSync('mount', args)
  mount('--make-rprivate', '/')
  mount('--bind', tree, tree)
  mount('-t', 'proc', 'proc', join(tree, 'proc'))
  for (const name of ['sys', 'dev']) mount('--rbind', `/${name}`, join(tree, name))
  mount('-t', 'tmpfs', 'tmpfs', join(tree, 'run'))
  mount('--bind', directory, join(tree, work))
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const log = join(directory, 'dockerd.log')
  const out = openSync(log, 'a')
  const daemon = spawn('chroot', [tree, '/usr/sbin/dockerd', ...daemonOptions], { stdio: ['ignore', out, out] })
  const ended = once(daemon, 'exit')
  const client = (...args: readonly string[]) => runClient(tree, args)
  for (let tries = 0; (await client('version')).status !== 0; tries++) {
    if (daemon.exitCode !== null || tries > 100)
      throw new Error(`dockerd does not answer:\n${readFileSync(log, 'utf8')}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    run: client,
    inside: (path) => path.replace(directory, work),
    stop: async () => {
      daemon.kill('SIGTERM')
      await ended
    },
  }
}

const runClient = async (tree: string, args: readonly string[]) => {
  const env = { HOME: '/tmp', DOCKER_HOST: `unix://${socket}`, BUILDX_METADATA_PROVENANCE: 'disabled' }
  if (!existsSync(join(tree, socket))) return { status: 1, output: 'no socket' }
  const child = spawn('chroot', [tree, '/usr/bin/docker', ...args], { env: { ...env, PATH: process.env.PATH } })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status: status ?? 1, output: Buffer.concat(chunks).toString() }
}
