// SPDX-License-Identifier: Apache-2.0
import type { Path } from '../document/path.js'
import type { ServiceModel } from '../model/service-model.js'
import type { RefuseService } from './consistency.js'

/** Numbers that contradict each other: old keys and those of `deploy`, a fixed name for several containers. */
export function checkLimits(service: ServiceModel, refuse: RefuseService): void {
  const { scale, deploy } = service
  const { limits, reservations } = deploy?.resources ?? {}
  if (scale !== undefined && scale < 0) refuse(['scale'], 'must be greater than or equal to 0')
  if (deploy?.replicas !== undefined && deploy.replicas < 0)
    refuse(['deploy', 'replicas'], 'must be greater than or equal to 0')
  const distinct = (key: string, value: unknown, path: Path, other: unknown): void => {
    if (value === undefined || other === undefined || value === other) return
    refuse([key], `can't set distinct values on '${key}' and '${path.join('.')}'`, 'leave one of them out')
  }
  distinct('scale', scale, ['deploy', 'replicas'], deploy?.replicas)
  distinct('mem_limit', service.mem_limit, ['deploy', 'resources', 'limits', 'memory'], limits?.memory)
  distinct(
    'mem_reservation',
    service.mem_reservation,
    ['deploy', 'resources', 'reservations', 'memory'],
    reservations?.memory,
  )
  distinct(
    'cpus',
    service.cpus,
    ['deploy', 'resources', 'limits', 'cpus'],
    limits?.cpus === undefined ? undefined : Number(limits.cpus),
  )
  distinct('pids_limit', service.pids_limit, ['deploy', 'resources', 'limits', 'pids'], limits?.pids)
  const containers = scale ?? deploy?.replicas ?? 1
  if (service.container_name !== undefined && containers > 1) {
    refuse(
      ['container_name'],
      `can't set container_name and ${scale === undefined ? 'deploy.replicas' : 'scale'} ${containers}`,
      'a name is for one container',
    )
  }
}
