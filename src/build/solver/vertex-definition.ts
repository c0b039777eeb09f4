// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../../oci/digest.js'
import { formatPlatform } from '../../oci/platform.js'
import { canonicalJson } from '../graph/canonical-json.js'
import type { RunMount } from '../graph/run-mount.js'
import type { CopySource, Vertex } from '../graph/vertex.js'

/**
 * What a step does, without what it is done on: by that two steps are compared once it is known what they work on. Where files come from
 * is not in it, as what they are is looked at.
 */
export function definitionOf(vertex: Vertex): Digest {
  return digestOf(canonicalJson(partsOf(vertex)))
}

function partsOf(vertex: Vertex): unknown {
  const { key, origin, ...parts } = vertex
  switch (vertex.kind) {
    case 'image':
      // The same image is the same under whatever name, and on whatever registry.
      return { ...parts, reference: vertex.reference.replace(/^.*@/, ''), platform: formatPlatform(vertex.platform) }
    case 'mkdir':
      return { ...parts, base: undefined }
    case 'copy':
      return { ...parts, base: undefined, sources: vertex.sources.map(sourceParts) }
    case 'run': {
      const platform = formatPlatform(vertex.platform)
      const env = [...vertex.env].sort()
      return { ...parts, base: undefined, proxy: undefined, platform, env, mounts: vertex.mounts.map(mountParts) }
    }
    default:
      return parts
  }
}

const sourceParts = (source: CopySource): unknown => ({ ...source, from: undefined })

// What a cache holds is not looked at, whoever fills it.
function mountParts(mount: RunMount): unknown {
  if (mount.kind === 'bind') return { ...mount, from: undefined }
  if (mount.kind === 'cache') return { ...mount, id: undefined, sharing: undefined, from: undefined }
  return mount
}
