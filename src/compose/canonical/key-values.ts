// SPDX-License-Identifier: Apache-2.0
import { carryPosition } from '../document/position.js'
import { scalarText } from '../document/scalar-text.js'
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'

/** What a key without value becomes: it stays without, for the environment to give one; or it is empty. */
export type WithoutValue = null | ''

/** `KEY=value` in a list, or a mapping with values of any scalar kind, as a mapping from text to text. */
export function keyValues(value: Tree, without: WithoutValue): Tree {
  if (isList(value)) return fromList(value, without)
  if (!isMap(value)) return value
  for (const key of Object.keys(value)) {
    const inner = value[key] as Tree
    value[key] = inner === null ? without : typeof inner === 'object' ? inner : scalarText(inner)
  }
  return value
}

function fromList(list: readonly Tree[], without: WithoutValue): TreeMap {
  const map = makeMap()
  for (const [index, entry] of list.entries()) {
    const text = scalarText(entry)
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    map[key] = equals < 0 ? without : text.slice(equals + 1)
    carryPosition(list, index, map, key)
  }
  return map
}

/** `host=address` or `host:address` in a list, or a mapping to one address or several, as a mapping from hosts to lists of addresses. */
export function hostAddresses(value: Tree): Tree {
  if (!isList(value) && !isMap(value)) return value
  const pairs: readonly (readonly [string, readonly string[], string | number])[] = isList(value)
    ? value.map((entry, index) => [...hostEntry(scalarText(entry)), index] as const)
    : Object.entries(value).map(
        ([host, given]) => [host, (isList(given) ? given : [given]).map(scalarText), host] as const,
      )
  const map = makeMap()
  for (const [host, addresses, from] of pairs) {
    const known = map[host]
    map[host] = [...(isList(known) ? known : []), ...addresses.map((address) => address.replace(/^\[(.*)\]$/, '$1'))]
    carryPosition(value, from, map, host)
  }
  return map
}

function hostEntry(entry: string): readonly [string, readonly string[]] {
  const match = /^([^=:]*)[=:](.+)$/.exec(entry)
  if (!match?.[1] || !match[2]) throw new Error(`bad host name or address: '${entry}'`)
  return [match[1].trim(), match[2].split(',').map((address) => address.trim())]
}
