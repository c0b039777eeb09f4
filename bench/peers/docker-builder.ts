// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { timed } from '../timed.js'
import { output } from './command.js'

const execute = promisify(execFile)
const clients = ['docker', '/usr/bin/docker']

/** A Docker daemon of the bench's own, which builds with BuildKit. */
export interface DockerBuilder {
  readonly name: string
  /** Where it listens, as `--host` has it. Its image `bench` is the bench's root file system. */
  readonly socket: string
  /** Builds a context whose Dockerfile begins `FROM bench`; how many milliseconds that took, client and all. */
  build(context: string, options?: { readonly noCache?: boolean }): Promise<number>
  close(): Promise<void>
}

/** Starts one where dockerd is installed, a client has BuildKit, and we may: undefined where not. `rootfs` is the image `bench`. */
export async function startDockerBuilder(
  directory: string,
  rootfs: string,
  words: readonly string[] = [],
): Promise<DockerBuilder | undefined> {
  if (process.getuid?.() !== 0 || !(await output('dockerd', '--version'))) return undefined
  const home = join(directory, 'dockerd')
  await mkdir(home)
  // Paths of sockets are short.
  const run = await mkdtemp(join(tmpdir(), 'tsc-dockerd-'))
  const socket = `unix://${join(run, 'sock')}`
  const places = ['--data-root', join(home, 'data'), '--exec-root', join(run, 'exec'), '--pidfile', join(run, 'pid')]
  const network = ['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false']
  const all = ['--mount', 'dockerd', '--host', socket, ...places, ...network, ...words]
  const daemon = spawn('unshare', all, { stdio: 'ignore' })
  const close = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await ended
    }
    for (const path of [home, run]) await rm(path, { recursive: true, force: true })
  }
  const version = await answering(socket)
  const client = version && (await preparedClient(socket, { home, rootfs }))
  if (!client) {
    await close()
    return undefined
  }
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_BUILDKIT: '1' }
  return {
    name: `docker ${version}`,
    socket,
    build: (context, { noCache = false } = {}) =>
      timed(() =>
        execute(client, ['build', '-q', '--network=none', ...(noCache ? ['--no-cache'] : []), context], { env }),
      ),
    close,
  }
}

async function answering(socket: string): Promise<string | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const version = await output('docker', '--host', socket, 'version', '--format', '{{.Server.Version}}')
    if (version) return version
    await delay(200)
  }
  return undefined
}

// A client without BuildKit falls back to another builder, or fails.
async function preparedClient(
  socket: string,
  { home, rootfs }: { readonly home: string; readonly rootfs: string },
): Promise<string | undefined> {
  const tar = join(home, 'rootfs.tar')
  await execute('tar', ['-C', rootfs, '-cf', tar, '.'])
  await output('docker', '--host', socket, 'import', tar, 'bench')
  const probe = join(home, 'probe')
  await mkdir(probe)
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_BUILDKIT: '1' }
  for (const client of clients) {
    const building = execute('sh', ['-c', `echo FROM bench | ${client} build -f - ${probe}`], { env })
    const told = await building.then(({ stderr, stdout }) => stderr + stdout).catch(() => '')
    if (/exporting to image|#\d+ /.test(told)) return client
  }
  return undefined
}
