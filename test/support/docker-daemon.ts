// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface DockerDaemon {
  docker(...args: readonly string[]): Promise<string>
  end(): Promise<void>
}

const tables = async () => {
  const { stdout } = await run('nft', ['list', 'tables'])
  return stdout.split('\n').filter((line) => line !== '' && !line.includes('tscontainer-'))
}

export interface DockerDaemonOptions {
  /** More words of its command line. */
  readonly words?: readonly string[]
  /** false: it leaves the firewall alone. */
  readonly firewall?: boolean
}

/** A Docker daemon with data of its own, which drops whatever is forwarded and nobody accepts. The firewall is as before when it has ended. */
export const startDockerDaemon = async (
  directory: string,
  { words = [], firewall = true }: DockerDaemonOptions = {},
): Promise<DockerDaemon> => {
  const home = join(directory, 'docker')
  const socket = `unix://${join(home, 'sock')}`
  const before = new Set(await tables())
  await mkdir(home)
  const daemon = spawn(
    'unshare',
    [
      ...['-m', 'dockerd', '--host', socket, '--bridge', 'none', '--storage-driver', 'vfs', `--iptables=${firewall}`],
      ...['--data-root', join(home, 'data'), '--exec-root', join(home, 'exec'), '--pidfile', join(home, 'pid')],
      ...words,
    ],
    { stdio: 'ignore' },
  )
  const docker = async (...args: readonly string[]) => (await run('docker', ['--host', socket, ...args])).stdout.trim()
  const end = async () => {
    if (daemon.exitCode === null) {
      await docker('network', 'prune', '--force').catch(() => {})
      const ended = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await ended
    }
    for (const table of await tables()) if (!before.has(table)) await run('nft', ['delete', ...table.split(' ')])
  }
  try {
    for (let tries = 0; ; tries++) {
      if (daemon.exitCode !== null || tries > 600) throw new Error('dockerd did not start')
      if (await docker('version').catch(() => undefined)) break
      await sleep(50)
    }
    // It does so itself on a host that was no router before.
    if (firewall) await run('iptables-nft', ['-P', 'FORWARD', 'DROP'])
  } catch (error) {
    await end()
    throw error
  }
  return { docker, end }
}
