// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import { type Path, pathText } from '../document/path.js'
import type { ServiceModel } from '../model/service-model.js'
import type { RefuseService } from './consistency.js'

/** Two mounts at one place; syncing of files to nowhere. */
export function checkTargets(
  name: string,
  { volumes, tmpfs, develop, build }: ServiceModel,
  refuse: RefuseService,
): void {
  const taken = new Map<string, Path>()
  for (const [index, entry] of (tmpfs ?? []).entries())
    taken.set(posix.normalize(entry.split(':', 1)[0] ?? entry), ['tmpfs', index])
  for (const [index, { target }] of (volumes ?? []).entries()) {
    if (target === undefined || target === '') refuse(['volumes', index], 'is missing a mount target')
    const other = taken.get(posix.normalize(target))
    if (other !== undefined) {
      refuse(['volumes', index], `target ${target} already mounted as ${pathText(['services', name, ...other])}`)
    }
    taken.set(posix.normalize(target), ['volumes', index])
  }
  for (const [index, { action, target }] of (develop?.watch ?? []).entries()) {
    const path = ['develop', 'watch', index]
    if (action === 'rebuild' && build === undefined) refuse(path, 'the action rebuild needs a build')
    if (action.startsWith('sync') && !target) refuse(path, 'target is required for non-rebuild actions')
  }
}
