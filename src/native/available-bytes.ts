// SPDX-License-Identifier: Apache-2.0
import { addon } from './addon.js'
import type { OwnedDescriptor } from './descriptor.js'

/** How many bytes a pipe holds that nobody has read (FIONREAD). */
export function availableBytes(readEnd: OwnedDescriptor): number {
  return addon().availableBytes(readEnd.fd)
}
