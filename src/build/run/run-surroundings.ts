// SPDX-License-Identifier: Apache-2.0
import type { InnerRequest } from '../../container/inner-request.js'
import type { ImageContext } from '../../image/image-context.js'
import type { UndoStack } from '../../util/undo-stack.js'
import type { BuildOptions } from '../build-options.js'
import type { Root } from '../solver/work.js'

/** What a build says about its commands. */
export type RunOptions = Pick<BuildOptions, 'network' | 'secrets' | 'ssh' | 'memory' | 'cpus' | 'pidsLimit'>

/** What a command sees beside the root it runs on, as it is put together. */
export interface Surroundings {
  readonly mounts: InnerRequest['mounts'][number][]
  readonly images: Record<string, readonly string[]>
  readonly secrets: InnerRequest['secrets'][number][]
  /** Each leads to the agent whose socket has that path on the host. */
  readonly sockets: (InnerRequest['sockets'][number] & { readonly agent: string })[]
  readonly env: Record<string, string>
}

/** What the mounts of a command are made with. */
export interface Mounting {
  readonly images: ImageContext
  readonly options: RunOptions
  /** What its mounts show of other roots, by their targets. */
  readonly mounted: ReadonlyMap<string, Root>
  readonly surroundings: Surroundings
  /** Lets go of what is held for the command. */
  readonly undo: UndoStack
  readonly signal: AbortSignal
}
