// SPDX-License-Identifier: Apache-2.0
import { parseVolume } from '../canonical/parse-volume.js'
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { PathRules } from '../document/path-rules.js'
import { carryPosition } from '../document/position.js'
import { scalarText } from '../document/scalar-text.js'
import { isList, isMap, type Tree, type TreeList, type TreeMap } from '../document/tree.js'

/** What makes an entry the same as another; `undefined` where an entry is like no other. */
type KeyOf = (entry: Tree) => string | undefined

const beforeEquals: KeyOf = (entry) => (isScalar(entry) ? scalarText(entry).split('=', 1)[0] : undefined)
const itself: KeyOf = (entry) => (isScalar(entry) ? scalarText(entry) : undefined)
const envFile: KeyOf = (entry) => (isMap(entry) ? text(entry.path) : itself(entry))
const volume: KeyOf = (entry) =>
  isMap(entry) ? text(entry.target) : typeof entry === 'string' ? parseVolume(entry).target : undefined
const device: KeyOf = (entry) => {
  if (isMap(entry)) return text(entry.target) ?? text(entry.source)
  const [source, target] = itself(entry)?.split(':') ?? []
  return target ?? source
}
const mount =
  (folder: string): KeyOf =>
  (entry) =>
    isMap(entry) ? (text(entry.target) ?? `${folder}/${text(entry.source)}`) : `${folder}/${itself(entry)}`
const port: KeyOf = (entry) => {
  if (!isMap(entry)) return itself(entry)
  const { host_ip, published, target, protocol } = entry
  return `${text(host_ip) ?? '0.0.0.0'}:${text(published) ?? ''}:${text(target)}/${text(protocol) ?? 'tcp'}`
}

const isScalar = (value: Tree): boolean => typeof value !== 'object' || value === null
const text = (value: Tree | undefined): string | undefined =>
  value === undefined || value === null || typeof value === 'object' ? undefined : scalarText(value)

const byName = [
  ...[
    'annotations',
    'build.args',
    'build.additional_contexts',
    'build.platform',
    'build.platforms',
    'build.tags',
    'build.labels',
    'cap_add',
  ],
  ...[
    'cap_drop',
    'deploy.labels',
    'dns',
    'dns_opt',
    'dns_search',
    'environment',
    'labels',
    'links',
    'networks.*.aliases',
  ],
  ...['networks.*.link_local_ips', 'profiles', 'sysctls', 'tmpfs'],
]

const keys = new PathRules<KeyOf>([
  ['networks.*.labels', beforeEquals],
  ['networks.*.ipam.options', beforeEquals],
  ['volumes.*.labels', beforeEquals],
  ...byName.map((name) => [`services.*.${name}`, beforeEquals] as const),
  ['services.*.configs', mount('')],
  ['services.*.devices', device],
  ['services.*.env_file', envFile],
  ['services.*.expose', itself],
  ['services.*.ports', port],
  ['services.*.secrets', mount('/run/secrets')],
  ['services.*.volumes', volume],
])

/** Keeps of entries that define the same thing the last one, in the place of the first; in place. */
export function uniqueEntries(root: TreeMap): TreeMap {
  const walk = (value: Tree, path: Path): Tree => {
    if (isList(value)) {
      const keyOf = keys.at(path)
      return keyOf === undefined ? value : unique(value, keyOf, path, root)
    }
    if (isMap(value)) for (const key of Object.keys(value)) value[key] = walk(value[key] as Tree, [...path, key])
    return value
  }
  walk(root, [])
  return root
}

function unique(list: TreeList, keyOf: KeyOf, path: Path, root: Tree): TreeList {
  const result: TreeList = []
  const places = new Map<string, number>()
  for (const [index, entry] of list.entries()) {
    const key = keyed(() => keyOf(entry), [...path, index], root)
    const place = (key === undefined ? undefined : places.get(key)) ?? result.length
    if (key !== undefined) places.set(key, place)
    result[place] = entry
    carryPosition(list, index, result, place)
  }
  return result
}

function keyed(work: () => string | undefined, path: Path, root: Tree): string | undefined {
  try {
    return work()
  } catch (cause) {
    throw composeInvalid({ root, path, problem: (cause as Error).message, cause })
  }
}
