// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender } from '../alternate.js'
import { timed } from '../timed.js'
import { output } from './command.js'

const run = promisify(execFile)

/** The engines of this machine that pull that image, each time into a store without it. */
export async function pullers(directory: string, reference: string): Promise<readonly Contender[]> {
  const found = await Promise.all([podman(directory, reference), docker(reference)])
  return found.filter((contender) => contender !== undefined)
}

// With the kernel's overlay where that can be had, as people have it. What it mounts goes with its namespace.
async function podman(directory: string, reference: string): Promise<Contender | undefined> {
  const version = /version (\S+)/.exec((await output('podman', '--version')) ?? '')?.[1]
  if (version === undefined) return undefined
  const policy = join(directory, 'policy.json')
  await writeFile(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
  const prefix = process.getuid?.() === 0 ? ['unshare', '--mount', 'podman'] : ['podman']
  return {
    name: `podman ${version}`,
    slow: true,
    run: async () => {
      const root = await mkdtemp(join(directory, 'podman-'))
      // It takes no path of more than 50 characters there.
      const runRoot = await mkdtemp('/var/tmp/tscontainer-podman-')
      const places = ['--root', root, '--runroot', runRoot, '--storage-driver', 'overlay']
      const pull = ['pull', '-q', '--tls-verify=false', '--signature-policy', policy, reference]
      const [command = '', ...rest] = [...prefix, ...places, ...pull]
      try {
        return await timed(() => run(command, rest))
      } finally {
        await rm(runRoot, { recursive: true, force: true })
      }
    },
  }
}

// Its store is the daemon's: what was pulled is removed again, and that is not counted.
async function docker(reference: string): Promise<Contender | undefined> {
  const version = await output('docker', 'version', '--format', '{{.Server.Version}}')
  if (!version) return undefined
  return {
    name: `docker ${version}`,
    slow: true,
    run: async () => {
      const took = await timed(() => run('docker', ['pull', '-q', reference]))
      await run('docker', ['rmi', reference])
      return took
    },
  }
}
