// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from './digest.js'

/** The identity of a stack of layers, lowest first (OCI image-spec 1.1, "Layer ChainID"); null for no layers. */
export function chainId(diffIds: readonly Digest[]): Digest | null {
  return chainIds(diffIds).at(-1) ?? null
}

/** The chain id of every prefix of the stack: `result[i]` identifies layers 0 to i. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}

/**
 * The name of the layer that lies on top of this stack and gives directories that its layers merely imply what the layers below
 * say of them (docs/decisions/0012). It has no tar, so this is the digest of a text.
 */
export function fixUpId(diffIds: readonly Digest[]): Digest {
  return digestOf(`tscontainer fix-up 1\n${diffIds.join('\n')}\n`)
}
