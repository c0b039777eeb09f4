// SPDX-License-Identifier: Apache-2.0
import type { IdMappingSpec } from '../oci/runtime-spec-linux.js'

/** Which ids of a user namespace are which outside. */
export interface IdMap {
  readonly uids: readonly IdMappingSpec[]
  readonly gids: readonly IdMappingSpec[]
}

/** The largest id; the one above means "none" to the kernel. */
export const maxId = 2 ** 32 - 2

/** The id outside, undefined if it has none. */
export function toHostId(mappings: readonly IdMappingSpec[], id: number): number | undefined {
  for (const { containerID, hostID, size } of mappings) {
    if (id >= containerID && id < containerID + size) return hostID + (id - containerID)
  }
  return undefined
}

/** The id inside, undefined if it has none. */
export function toContainerId(mappings: readonly IdMappingSpec[], id: number): number | undefined {
  return toHostId(
    mappings.map(({ containerID, hostID, size }) => ({ containerID: hostID, hostID: containerID, size })),
    id,
  )
}

/** How many ids there are inside. */
export function mappedIds(mappings: readonly IdMappingSpec[]): number {
  return mappings.reduce((sum, { size }) => sum + size, 0)
}
