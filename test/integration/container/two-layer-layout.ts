// SPDX-License-Identifier: Apache-2.0
import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeRootfs, run } from '../image/rootfs.js'

/** An OCI layout that umoci writes: a root file system, and a layer over it that hides, clears, replaces and adds. */
export const makeTwoLayerLayout = async (directory: string): Promise<string> => {
  const layout = join(directory, 'layout')
  const bundle = join(directory, 'bundle')
  const rootfs = join(bundle, 'rootfs')
  const image = ['--image', `${layout}:1`]
  const unpack = ['unpack', ...(process.getuid?.() === 0 ? [] : ['--rootless']), ...image, bundle]
  await run('umoci', 'init', '--layout', layout)
  await run('umoci', 'new', ...image)
  await run('umoci', ...unpack)
  await makeRootfs(rootfs)
  await writeFile(join(rootfs, 'etc/kept'), 'kept\n')
  for (const name of ['hidden', 'cleared']) {
    await mkdir(join(rootfs, name))
    await writeFile(join(rootfs, name, 'below'), 'below\n')
  }
  await run('umoci', 'repack', ...image, bundle)
  await rm(bundle, { recursive: true })
  await run('umoci', ...unpack)
  for (const name of ['etc/greeting', 'hidden', 'cleared']) await rm(join(rootfs, name), { recursive: true })
  await mkdir(join(rootfs, 'cleared'))
  await writeFile(join(rootfs, 'cleared/above'), 'above\n')
  await link(join(rootfs, 'cleared/above'), join(rootfs, 'cleared/twin'))
  await symlink('../etc/kept', join(rootfs, 'cleared/link'))
  await run('umoci', 'repack', ...image, bundle)
  await rm(bundle, { recursive: true })
  return layout
}

/** What a container of that image sees of it; for `sh -c`. */
export const lookAround = [
  '/bin/busybox find /etc /hidden /cleared ! -type d 2>/dev/null | /bin/busybox grep -v -e hosts -e hostname -e resolv.conf | /bin/busybox sort',
  '/bin/busybox cat /cleared/link',
  '[ /cleared/above -ef /cleared/twin ] && echo twins',
].join('; ')

/** What it says. */
export const seenInside = ['/cleared/above', '/cleared/link', '/cleared/twin', '/etc/kept', 'kept', 'twins', ''].join(
  '\n',
)
