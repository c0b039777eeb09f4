// SPDX-License-Identifier: Apache-2.0
import { carryPosition } from '../document/position.js'
import { scalarText } from '../document/scalar-text.js'
import { isList, isMap, makeMap, type Tree, type TreeList, type TreeMap } from '../document/tree.js'

/** The mapping as a list of `KEY=value`, sorted; a text as a list of it. */
export function asList(value: Tree): TreeList {
  if (isList(value)) return value
  if (typeof value === 'string') return [value]
  if (!isMap(value)) return []
  const entries = Object.entries(value).flatMap(([key, inner]) =>
    (isList(inner) ? inner : [inner]).map((one) => ({ key, text: one === null ? key : `${key}=${scalarText(one)}` })),
  )
  entries.sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
  const list: TreeList = entries.map(({ text }) => text)
  for (const [index, { key }] of entries.entries()) carryPosition(value, key, list, index)
  return list
}

/** The list of names as a mapping from them to copies of `initial`. */
export function asMap(value: Tree, initial: () => Tree): TreeMap {
  if (isMap(value)) return value
  const map = makeMap()
  for (const [index, name] of isList(value) ? value.entries() : []) {
    map[scalarText(name)] = initial()
    carryPosition(value as TreeList, index, map, scalarText(name))
  }
  return map
}

/** Both lists in one, with the places of what is in them. */
export function joinLists(first: TreeList, second: TreeList): TreeList {
  const joined: TreeList = [...first, ...second]
  for (const index of first.keys()) carryPosition(first, index, joined, index)
  for (const index of second.keys()) carryPosition(second, index, joined, first.length + index)
  return joined
}
