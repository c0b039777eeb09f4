// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from './container-options.js'

const kinds = new WeakMap<ContainerOptions, ContainerOptions>()

/**
 * What these checked options say but for what is one container's own (`ownOptions`): frozen, and the same object for all that say the same.
 * Undefined where nobody has found that out.
 */
export function kindOf(options: ContainerOptions): ContainerOptions | undefined {
  return kinds.get(options)
}

/** Says what kind these are; both are nobody else's, and never change. */
export function setKind(options: ContainerOptions, kind: ContainerOptions): void {
  kinds.set(options, kind)
}

/** What differs from container to container, and is no part of what is planned for it. */
export const ownOptions = ['name', 'signal', 'on', 'onPullProgress'] as const
