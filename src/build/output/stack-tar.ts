// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../../image/image-context.js'
import { prepareChain } from '../../image/prepare-image.js'
import { beginLayer } from '../../layer/layer-staging.js'
import { hostPlatform } from '../../oci/platform.js'
import type { Root } from '../solver/work.js'

/** A root whose files are wanted. */
export interface RootFiles {
  readonly root: Root
  /** Seconds since 1970: nothing is newer (SOURCE_DATE_EPOCH). */
  readonly epoch: number | undefined
}

/** Writes to a descriptor, which may be closed as soon as this is called; resolves when the tar is whole. */
export type WriteTar = (output: number, signal: AbortSignal) => Promise<void>

/**
 * Makes ready a tar of everything that a root shows, and calls `use` with what writes it. Whoever does so holds a lease.
 */
export async function withStackTar<T>(
  context: ImageContext,
  { root, epoch }: RootFiles,
  signal: AbortSignal,
  use: (write: WriteTar) => Promise<T>,
): Promise<T> {
  const diffIds = root.layers.filter(({ isEmpty }) => !isEmpty).map(({ diffId }) => diffId)
  const { layers } = await prepareChain(context, { diffIds, config: {}, platform: hostPlatform() }, signal)
  const connection = await context.connection()
  const staging = await beginLayer(context)
  try {
    return await use(async (output, ended) => {
      const message = { layers, name: staging.name, maxMtime: epoch }
      const options = { fds: [output], signal: ended, failure: { doing: 'export the result of a build' } }
      await connection.request('build.export', message, options)
    })
  } finally {
    await staging.discard()
  }
}
