// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { output } from './command.js'
import type { Peer, PeerPlace } from './peer.js'

const tag = 'tscontainer-bench:latest'
const limits = ['--network', 'none', '--memory', '256m', '--pids-limit', '512']

/** docker or podman as people use them, from an image of the same files. Absent where it cannot import or run one. */
export async function docker(
  program: 'docker' | 'podman',
  { rootfs, directory }: PeerPlace,
): Promise<Peer | undefined> {
  const version = await output(
    program,
    'version',
    '--format',
    program === 'docker' ? '{{.Server.Version}}' : '{{.Version}}',
  )
  if (!version) return undefined
  const tar = join(directory, 'image.tar')
  if ((await output('tar', '-C', rootfs, '-cf', tar, '.')) === undefined) return undefined
  if ((await output(program, 'import', tar, tag)) === undefined) return undefined
  const life = ['run', '--rm', ...limits, tag, '/bin/true']
  if ((await output(program, ...life)) === undefined) return undefined
  const box = `tscontainer-bench-${program}-${process.pid}`
  return {
    name: `${program} ${version}`,
    life: [program, ...life],
    box: {
      start: [program, 'run', '--detach', '--name', box, ...limits, tag, '/bin/sleep', '1000'],
      exec: [program, 'exec', box, '/bin/true'],
      end: [program, 'rm', '--force', box],
    },
    slow: true,
    close: async () => {
      await output(program, 'rmi', '--force', tag)
    },
  }
}
