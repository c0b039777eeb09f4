// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RuntimeSpec } from '../../src/oci/runtime-spec.js'
import { containerConfig } from '../container-config.js'
import { nothing, output } from './command.js'
import type { Peer, PeerPlace } from './peer.js'

const hybrid = async (): Promise<boolean> =>
  (await output('stat', '-f', '-c', '%T', '/sys/fs/cgroup/unified')) === 'cgroup2fs'

/** An OCI runtime with the very config.json that our containers have: limits, seccomp and masks, but no image. */
export async function ociRuntime(program: string, { rootfs, directory }: PeerPlace): Promise<Peer | undefined> {
  const version = /version (\S+)/.exec((await output(program, '--version')) ?? '')?.[1]
  if (version === undefined) return undefined
  const bundle = await makeBundle(join(directory, 'life'), ['/bin/true'], rootfs)
  const idle = await makeBundle(join(directory, 'idle'), ['/bin/sleep', '1000'], rootfs)
  const runtime = [program, '--root', join(directory, 'state')]
  const name = basename(program)
  const box = `tscontainer-bench-${name}-${process.pid}`
  return {
    name: `${name} ${version}`,
    life: [...runtime, 'run', '--bundle', bundle, `${box}-{}`],
    box: {
      start: [...runtime, 'run', '--detach', '--bundle', idle, box],
      exec: [...runtime, 'exec', box, '/bin/true'],
      end: [...runtime, 'delete', '--force', box],
    },
    v1Only: program === 'crun' && (await hybrid()),
    slow: program === 'runc',
    close: nothing,
  }
}

async function makeBundle(directory: string, args: readonly string[], rootfs: string): Promise<string> {
  await mkdir(directory, { recursive: true })
  await writeFile(
    join(directory, 'config.json'),
    JSON.stringify(withoutDeviceRules(await containerConfig(args, rootfs))),
  )
  return directory
}

// They have such rules of their own, and crun takes ours (minor -1 for any) for a mistake.
function withoutDeviceRules(config: RuntimeSpec): RuntimeSpec {
  const { devices: _, ...resources } = config.linux.resources ?? {}
  return { ...config, linux: { ...config.linux, resources } }
}
