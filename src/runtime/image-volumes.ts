// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { isProtectedTarget } from './mount-checks.js'

const mostVolumes = 256

/**
 * Where the image wants volumes: absolute, each once, and whatever it says below the root. What the kernel shows is mounted where the kernel's
 * own is meant (images of systemd name /sys/fs/cgroup) whatever images say. ERR_IMAGE_INVALID for too many.
 */
export function imageVolumeTargets(volumes: readonly string[] = []): readonly string[] {
  if (volumes.length > mostVolumes)
    throw new EngineError({
      code: 'ERR_IMAGE_INVALID',
      message: `the image wants ${volumes.length} volumes, more than ${mostVolumes}`,
    })
  const targets = volumes.map(targetOf)
  return [...new Set(targets)].filter((target) => target !== '/dev/shm' && !isProtectedTarget(target))
}

function targetOf(volume: string): string {
  if (volume === '' || volume.length > 4095 || volume.includes('\0'))
    throw new EngineError({ code: 'ERR_IMAGE_INVALID', message: `the image wants a volume at ${quoted(volume)}` })
  const path = posix.resolve('/', volume)
  return path
}
