// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import { commitImage, type PackedLayer } from '../image/commit-image.js'
import { checkConfig, fullTag } from '../image/image-options.js'
import type { ImageRecord } from '../image/image-record.js'
import type { Digest } from '../oci/digest.js'
import type { ImageConfig } from '../oci/image-config.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { requireLegal } from './container-state.js'
import { pauseContainer, resumeContainer } from './lifecycle.js'
import type { Subject } from './operate.js'
import { treeReader } from './read-tree.js'

/** How to make an image of a container. */
export interface CommitOptions extends CallOptions {
  /** A name for it: `my/app:2`. Without, it is known by its id only. */
  readonly tag?: string | undefined
  /**
   * Changes to the config of the container's image. Variables, labels, ports and volumes are added to those that it has; all else
   * replaces. What the container itself was given (`command`, `env` …) does not go into the image.
   */
  readonly config?: ImageConfig | undefined
  /** Who made it: `Ann <ann@example.org>`. */
  readonly author?: string | undefined
  /** What was done: the comment of its entry in the history. */
  readonly message?: string | undefined
  /** Whether it stands still meanwhile; by default where the host can do that. True is ERR_LIMIT_UNSUPPORTED where it cannot. */
  readonly pause?: boolean | undefined
  /** How the new layer is kept: `'none'`, the default, or `'gzip'`, which is what registries want. */
  readonly compression?: 'none' | 'gzip' | undefined
  /** When the image was made; now by default. The same files and the same moment make the same image. */
  readonly created?: Date | undefined
}

const shape: Shape<CommitOptions> = {
  ...callShape,
  tag: check.nonEmptyString,
  config: checkConfig,
  author: check.string,
  message: check.string,
  pause: check.boolean,
  compression: check.oneOf('none', 'gzip'),
  created: check.date,
}

/** Makes an image of what the container's image is and what the container changed in it: one layer more, or none if nothing. */
export async function commitContainer(subject: Subject, options: CommitOptions): Promise<ImageRecord> {
  checkOptions<CommitOptions>(options, shape)
  const { context, container } = subject
  const { author, message, signal, compression = 'none' } = options
  signal?.throwIfAborted()
  const name = options.tag === undefined ? null : fullTag(options.tag)
  requireLegal('commit', container)
  const { record } = container
  if (!record) throw otherVersion(container.name)
  return await commitImage(await context.images(), {
    base: record.image.digest as Digest,
    name,
    config: options.config ?? {},
    created: options.created ?? new Date(),
    author,
    comment: message,
    createdBy: record.command.length > 0 ? record.command.join(' ') : 'tscontainer commit',
    compression: compression === 'gzip' ? 'gzip' : 'plain',
    signal,
    pack: (file) => standingStill(subject, options, () => pack(subject, file, options)),
  })
}

async function pack(subject: Subject, file: FileHandle, options: CommitOptions): Promise<PackedLayer> {
  const reader = await treeReader(subject, 'commit')
  const args = { compression: options.compression === 'gzip' ? 'gzip' : 'plain' }
  const packed = await reader.read({
    what: 'pack',
    action: 'commit',
    args,
    output: file.fd,
    signal: options.signal,
  })
  const layer = packed as NonNullable<PackedLayer> & { readonly changes: number }
  return layer.changes === 0 ? null : layer
}

async function standingStill<T>(subject: Subject, options: CommitOptions, work: () => Promise<T>): Promise<T> {
  const paused = options.pause !== false && subject.container.state === 'running' && (await tryPause(subject, options))
  try {
    return await work()
  } finally {
    // It may have ended, or somebody else may have let it go on.
    if (paused && subject.container.state === 'paused') await resumeContainer(subject).catch(() => {})
  }
}

async function tryPause(subject: Subject, { pause, signal }: CommitOptions): Promise<boolean> {
  try {
    await pauseContainer(subject, { signal })
    return true
  } catch (error) {
    const cannot = ['ERR_LIMIT_UNSUPPORTED', 'ERR_UNSUPPORTED', 'ERR_CONTAINER_STATE']
    if (pause === undefined && EngineError.is(error) && cannot.includes(error.code)) return false
    throw error
  }
}

function otherVersion(name: string): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `container '${name}' was made by another version of this engine`,
    hint: 'use the version that made it',
  })
}
