// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { parseByteSize } from '../util/byte-size.js'
import type { ContainerOptions } from './container-options.js'
import type { HostFacts } from './host-facts.js'

// Below it the directories of an empty container would not fit.
const leastBytes = 64 * 1024

/** The limit in bytes, or undefined for none. ERR_LIMIT_UNSUPPORTED where the file system of the store cannot hold it. */
export function diskQuotaOf(
  { diskQuota }: ContainerOptions,
  host: HostFacts,
  userns: 'private' | 'host',
): number | undefined {
  if (diskQuota === undefined) return undefined
  const bytes = parseByteSize(diskQuota, 'diskQuota')
  if (bytes < leastBytes) throw invalidArgument('diskQuota', `${bytes} bytes are too few`, 'at least 64k')
  if (!host.diskQuotas) throw unsupported('the file system of the engine’s root holds no limits for directories')
  // Root of the first user namespace may give its files another project.
  if (userns === 'host') throw unsupported("with userns: 'host' the container could lift it")
  return bytes
}

function unsupported(problem: string): EngineError {
  return new EngineError({
    code: 'ERR_LIMIT_UNSUPPORTED',
    message: `diskQuota: ${problem}`,
    option: 'diskQuota',
    hint:
      'as root, put the engine’s root on ext4 made with `mkfs.ext4 -O quota,project` or on xfs, mounted with ' +
      '`-o prjquota`, under a kernel with CONFIG_QFMT_V2 or CONFIG_XFS_QUOTA; a tmpfs mount with a size limits one directory anywhere',
  })
}
