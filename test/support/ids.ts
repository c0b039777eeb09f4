// SPDX-License-Identifier: Apache-2.0
import { has } from './needs.js'

/** The id of a container's user or group, as far as there is any but root's: with one id everything is root's. */
export const idOf = (id: number): number => (has('single id') ? 0 : id)

/** The same of an owner, `user:group`. */
export const ownerOf = (user: number, group: number): string => `${idOf(user)}:${idOf(group)}`
