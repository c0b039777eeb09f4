// SPDX-License-Identifier: Apache-2.0
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'

/** Gives what is left out in a canonical document the value that the specification says, in place. */
export function setDefaults(root: TreeMap): void {
  for (const service of maps(root.services)) {
    if (isMap(service.build)) {
      service.build.context ??= '.'
      for (const secret of maps(service.build.secrets)) setSecretTarget(secret)
    }
    for (const secret of maps(service.secrets)) setSecretTarget(secret)
    for (const port of maps(service.ports)) {
      port.mode ??= 'ingress'
      port.protocol ??= 'tcp'
    }
    for (const volume of maps(service.volumes)) setVolumeDefaults(volume)
    for (const device of [...maps(service.gpus), ...maps(reserved(service.deploy))]) {
      if (device.count === undefined && device.device_ids === undefined) device.count = -1
    }
  }
}

function setSecretTarget(secret: TreeMap): void {
  if (secret.target === undefined && typeof secret.source === 'string') secret.target = `/run/secrets/${secret.source}`
}

function setVolumeDefaults(volume: TreeMap): void {
  if (volume.type === 'volume') volume.volume ??= makeMap()
  if (volume.type !== 'bind') return
  volume.bind ??= makeMap()
  if (isMap(volume.bind)) volume.bind.create_host_path ??= true
}

const reserved = (deploy: Tree | undefined): Tree | undefined =>
  ['resources', 'reservations', 'devices'].reduce<Tree | undefined>(
    (at, key) => (isMap(at) ? at[key] : undefined),
    deploy,
  )

function maps(value: Tree | undefined): readonly TreeMap[] {
  return (isList(value) ? value : isMap(value) ? Object.values(value) : []).filter(isMap)
}
