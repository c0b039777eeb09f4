// SPDX-License-Identifier: Apache-2.0
import { addon } from './addon.js'

/** How many bytes wait to be read from a pipe or a terminal (FIONREAD). */
export function availableBytes(fd: number): number {
  return addon().availableBytes(fd)
}
