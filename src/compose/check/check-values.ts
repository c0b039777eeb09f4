// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { isList, isMap, type Tree, type TreeMap } from '../document/tree.js'

type Refuse = (path: Path, problem: string, hint?: string) => never

/** What the schema cannot say about values of a document in canonical form: what excludes what. Throws ERR_COMPOSE_INVALID. */
export function checkValues(root: TreeMap): void {
  const refuse: Refuse = (path, problem, hint) => {
    throw composeInvalid({ root, path, problem, hint })
  }
  for (const [key, volume] of entries(root.volumes)) checkExternal(['volumes', key], volume, refuse)
  for (const [key, config] of entries(root.configs))
    checkContent(['configs', key], config, ['file', 'environment', 'content'], refuse)
  for (const [key, secret] of entries(root.secrets))
    checkContent(['secrets', key], secret, ['file', 'environment', 'content'], refuse)
  for (const [key, service] of entries(root.services)) checkService(['services', key], service, refuse)
}

const entries = (value: Tree | undefined): readonly (readonly [string, TreeMap])[] =>
  isMap(value) ? Object.entries(value).filter((entry): entry is [string, TreeMap] => isMap(entry[1])) : []
const items = (value: Tree | undefined): readonly (readonly [number, TreeMap])[] =>
  isList(value) ? [...value.entries()].filter((entry): entry is [number, TreeMap] => isMap(entry[1])) : []
const inside = (value: Tree | undefined, ...keys: readonly string[]): Tree | undefined =>
  keys.reduce<Tree | undefined>((at, key) => (isMap(at) ? at[key] : undefined), value)

function checkExternal(path: Path, value: TreeMap, refuse: Refuse): void {
  if (value.external !== true) return
  const other = Object.keys(value).find((key) => key !== 'external' && key !== 'name' && !key.startsWith('x-'))
  if (other !== undefined) {
    refuse(
      [...path, other],
      `conflicting parameters "external" and "${other}" specified`,
      'what is external is not made here: leave one of them out',
    )
  }
}

function checkContent(path: Path, value: TreeMap, sources: readonly string[], refuse: Refuse): void {
  checkExternal(path, value, refuse)
  if (value.external === true || value.driver !== undefined || value.template_driver !== undefined) return
  const given = sources.filter((source) => value[source] !== undefined)
  if (given.length === 0) refuse(path, `one of ${sources.join(', ')} must be set`)
  if (given.length > 1) refuse(path, `the attributes ${given.join(' and ')} are mutually exclusive`)
}

function checkService(path: Path, service: TreeMap, refuse: Refuse): void {
  for (const [index, port] of items(service.ports)) {
    const { host_ip: address } = port
    if (typeof address === 'string' && address !== '' && isIP(address) === 0)
      refuse([...path, 'ports', index, 'host_ip'], `invalid ip address: ${address}`)
  }
  const reserved: Path = [...path, 'deploy', 'resources', 'reservations', 'devices']
  for (const [index, device] of items(inside(service.deploy, 'resources', 'reservations', 'devices')))
    checkDevice([...reserved, index], device, refuse)
  for (const [index, device] of items(service.gpus)) checkDevice([...path, 'gpus', index], device, refuse)
  for (const [index, volume] of items(service.volumes)) {
    const size = inside(volume, 'tmpfs', 'size')
    if (typeof size === 'number' && size < 0)
      refuse([...path, 'volumes', index, 'tmpfs', 'size'], 'must be greater than or equal to 0')
  }
  for (const [index, watch] of items(inside(service.develop, 'watch'))) {
    if (watch.path === '') refuse([...path, 'develop', 'watch', index, 'path'], 'value cannot be empty')
  }
}

function checkDevice(path: Path, device: TreeMap, refuse: Refuse): void {
  if (device.count !== undefined && device.device_ids !== undefined)
    refuse(path, '"count" and "device_ids" attributes are exclusive')
}
