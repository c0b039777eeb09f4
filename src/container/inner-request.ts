// SPDX-License-Identifier: Apache-2.0
import type { MemoryFileMessage, SecretFileMessage } from '../native/create-message.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import type { ResolvedMount } from '../runtime/resolved-mount.js'

/**
 * What a container of the engine's own has that no option says. Nobody is told of such a one: no list has it, and no event; whoever makes it
 * hears of it. It cannot be detached, and its files in /etc are read-only.
 */
export interface InnerRequest {
  /** Beside those of the options. */
  readonly mounts: readonly ResolvedMount[]
  /** What those of type `image` show, by their keys: hex digits of the diffIDs, lowest layer first. */
  readonly images: Readonly<Record<string, readonly string[]>>
  /** Files in memory. */
  readonly secrets: readonly SecretFileMessage[]
  readonly sockets: readonly MemoryFileMessage[]
  /** Called with the sockets as they were asked for: to be listened at, and closed. */
  readonly onSockets: (listeners: readonly OwnedDescriptor[]) => void
}
