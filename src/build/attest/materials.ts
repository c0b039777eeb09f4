// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '../../oci/digest.js'
import { parseReference } from '../../oci/reference.js'
import type { Vertex } from '../graph/vertex.js'
import { needsOf } from '../solver/graph-works.js'
import { inOrder } from '../solver/in-order.js'
import { imagePackageUrl } from './package-url.js'
import type { Material } from './provenance.js'

/** What the steps of a graph take from elsewhere, each once. Addresses are without the names and passwords that may be in them. */
export function materialsOf(root: Vertex): readonly Material[] {
  const found = inOrder([root], needsOf).flatMap(materialOf)
  return [...new Map(found.map((material) => [material.uri, material])).values()]
}

/** The text without what stands before the host of an address in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
}

function materialOf(vertex: Vertex): readonly Material[] {
  if (vertex.kind === 'image') {
    const { digest, ...reference } = parseReference(vertex.reference)
    return [{ uri: imagePackageUrl(reference, vertex.platform), digest: digest ?? null }]
  }
  if (vertex.kind === 'add-url') {
    const { url, checksum } = vertex
    return [{ uri: withoutCredentials(url), digest: checksum === undefined ? null : parseDigest(checksum) }]
  }
  if (vertex.kind !== 'add-git') return []
  const { remote, ref } = vertex.git
  return [{ uri: withoutCredentials(ref === undefined ? remote : `${remote}#${ref}`), digest: null }]
}
