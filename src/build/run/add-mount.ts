// SPDX-License-Identifier: Apache-2.0
import { totalmem } from 'node:os'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { prepareChain } from '../../image/prepare-image.js'
import { isProtectedTarget } from '../../runtime/mount-checks.js'
import type { BindMount, CacheMount, RunMount } from '../graph/run-mount.js'
import { addAgent } from './add-agent.js'
import { addSecret } from './add-secret.js'
import { openCacheDirectory } from './cache-directory.js'
import { diffIdsOf } from './diff-ids.js'
import type { Mounting } from './run-surroundings.js'

/** Puts what a `--mount` says into the surroundings of the command. */
export async function addMount(mounting: Mounting, mount: RunMount): Promise<void> {
  if (mount.target !== undefined && isProtectedTarget(mount.target)) throw protectedTarget(mount.target)
  const { mounts } = mounting.surroundings
  switch (mount.kind) {
    case 'tmpfs': {
      // As the kernel has it where nobody says anything.
      const size = mount.sizeBytes || Math.floor(totalmem() / 2)
      mounts.push({ type: 'tmpfs', target: mount.target, size, exec: true })
      return
    }
    case 'bind':
      return await addBind(mounting, mount)
    case 'cache':
      return await addCache(mounting, mount)
    case 'secret':
      return await addSecret(mounting, mount)
    case 'ssh':
      return addAgent(mounting, mount)
  }
}

// What is written to one that is not read-only lies beside the container, and goes with it.
async function addBind(mounting: Mounting, { target, source, readOnly }: BindMount): Promise<void> {
  const { images, mounted, surroundings, signal } = mounting
  const diffIds = diffIdsOf(mounted.get(target) ?? { layers: [] })
  // Only its layers count.
  const chain = { diffIds, config: {}, platform: { os: 'linux', architecture: 'amd64' } }
  const { layers } = await prepareChain(images, chain, signal)
  const key = `mount-${surroundings.mounts.length}`
  surroundings.images[key] = layers
  const subpath = source.replace(/^\/+/, '') || undefined
  surroundings.mounts.push({ type: 'image', key, target, subpath, writable: !readOnly })
}

async function addCache(mounting: Mounting, mount: CacheMount): Promise<void> {
  const { images, mounted, surroundings, undo, signal } = mounting
  const { id, sharing, source, target, readOnly, uid, gid, mode } = mount
  const layers = diffIdsOf(mounted.get(target) ?? { layers: [] })
  const path = await openCacheDirectory(images, { id, sharing, layers, source, uid, gid, mode }, undo, signal)
  surroundings.mounts.push({ type: 'bind', source: path, target, readonly: readOnly })
}

function protectedTarget(target: string): EngineError {
  return new EngineError({
    code: 'ERR_INVALID_ARGUMENT',
    message: `nothing can be mounted over ${quoted(target, 200)}`,
    object: target,
    hint: 'mount it elsewhere: what lies there is the kernel’s own',
  })
}
