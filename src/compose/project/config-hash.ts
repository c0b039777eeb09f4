// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import type { NetworkModel, VolumeModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'

/**
 * What a container is made of, as 64 hex digits: it is made anew when that changes. Not in it, as in Docker Compose: how the image comes (build,
 * pull_policy), how many there are (scale, deploy.replicas), who needs whom (depends_on, profiles).
 */
export function serviceHash({
  build,
  pull_policy,
  scale,
  depends_on,
  profiles,
  deploy,
  ...rest
}: ServiceModel): string {
  const { replicas, ...deployed } = deploy ?? {}
  return hashOf({ ...rest, deploy: deployed })
}

/** Likewise of a network. */
export const networkHash = (network: NetworkModel): string => hashOf(network)

/** Likewise of a volume. */
export const volumeHash = (volume: VolumeModel): string => hashOf({ ...volume, driver: volume.driver ?? 'local' })

const hashOf = (value: object): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')

// The order of keys in a file says nothing.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).sort()
  return keys.map((key) => [key, sorted(Reflect.get(value, key))])
}
