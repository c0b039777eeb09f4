// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { unmappedId } from '../errors/unmapped-id.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import type { FileCallArguments } from '../native/file-messages.js'
import { linkTo } from './container-link.js'
import { requireLegal } from './container-state.js'
import type { Subject } from './operate.js'

/** One call about a path in a container. */
export interface FileAsking extends FileCallArguments {
  /** For the wording of a failure: `read`. */
  readonly doing: string
  readonly signal?: AbortSignal | undefined
}

export interface FileAnswer<T> {
  readonly result: T
  /** The file that was opened; the caller's. */
  readonly fds: readonly OwnedDescriptor[]
}

/** Has the container's worker do one call; in created, running, paused and stopped containers alike. */
export async function askFile<T>(subject: Subject, asking: FileAsking): Promise<FileAnswer<T>> {
  const { doing, signal, ...args } = asking
  signal?.throwIfAborted()
  const { context, container } = subject
  requireLegal('use files of', container)
  const connection = await linkTo(context, container)
  const failure = { doing: `${doing} ${quoted(asking.path, 300)} in container '${container.name}'` }
  try {
    const reply = await connection.request('file', { ...args, container: container.id }, { signal, failure })
    return reply as FileAnswer<T>
  } catch (error) {
    throw fileError(error)
  }
}

/** A failure of a worker in the words of files: what an archive has in it is no layer here. */
export function fileError(error: unknown): unknown {
  if (!EngineError.is(error)) return error
  const { message, step = '', errno, object } = error
  if (object?.includes('unmapped owner')) {
    return new EngineError({ ...unmappedId, message, step, errno, object, cause: error })
  }
  if (step !== 'read tar' && step !== 'decompress') return error
  if (error.code !== 'ERR_LAYER_INVALID' && error.code !== 'ERR_NATIVE') return error
  return new EngineError({
    code: 'ERR_ARCHIVE_INVALID',
    message: message.replace('the layer is malformed', 'the tar is malformed'),
    step,
    errno,
    object,
    cause: error,
  })
}
