// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { type JoinableKind, type JoinedNamespaces, joinRequest } from '../runtime/joined-namespaces.js'
import type { ContainerContext } from './container-context.js'
import { containerError } from './container-error.js'
import { linkTo } from './container-link.js'
import { requireLegal } from './container-state.js'
import { findContainer } from './find-container.js'

/** Options in which no other container is named any more, and what is shared with it. */
export interface Joining {
  readonly options: ContainerOptions
  readonly joined?: JoinedNamespaces | undefined
  /** Its first process, for who creates the container; to be closed. */
  readonly process?: OwnedDescriptor | undefined
}

/**
 * Looks up the container whose namespaces are to be shared. What it shares with the host is then shared with the host.
 * ERR_CONTAINER_NOT_FOUND; ERR_INVALID_STATE where it does not run.
 */
export async function joinContainer(context: ContainerContext, options: ContainerOptions): Promise<Joining> {
  const request = joinRequest(options)
  if (!request) return { options }
  const { signal } = options
  const other = await findContainer(context, request.container, signal)
  requireLegal('join', other)
  const connection = await linkTo(context, other)
  try {
    const { result, fds } = await connection.request('namespaces', { container: other.id }, { signal })
    const [process] = fds
    if (options.userns !== undefined && options.userns !== result.userns) {
      process?.close()
      throw invalidArgument(
        'userns',
        `namespaces of container '${other.name}' are shared, whose userns is '${result.userns}'`,
      )
    }
    const namespaces = request.kinds.filter((kind) => result.own.includes(kind))
    const joined = { container: other.id, namespaces, userns: result.userns }
    const own = withoutOther(options, request.kinds, namespaces)
    return { options: { ...own, userns: result.userns }, joined, process }
  } catch (error) {
    throw EngineError.is(error) ? containerError(error, 'join', other.name) : error
  }
}

function withoutOther(
  options: ContainerOptions,
  kinds: readonly JoinableKind[],
  joined: readonly JoinableKind[],
): ContainerOptions {
  // Who shares a network namespace has no places of its own.
  const shared = (kind: JoinableKind) => (kind === 'network' ? 'none' : undefined)
  const own = kinds.map((kind) => [kind, joined.includes(kind) ? shared(kind) : 'host'])
  return { ...options, ...Object.fromEntries(own) }
}
