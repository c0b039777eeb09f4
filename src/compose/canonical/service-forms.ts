// SPDX-License-Identifier: Apache-2.0
import { carryPosition } from '../document/position.js'
import { scalarText } from '../document/scalar-text.js'
import { isList, isMap, makeMap, type Tree, type TreeList } from '../document/tree.js'
import { parsePort } from './parse-port.js'
import { shellWords } from './shell-words.js'

/** The long form of what the specification has a short form for. */
export type LongForm = (value: Tree) => Tree

export const listOf: LongForm = (value) =>
  typeof value === 'string' || typeof value === 'number' ? [scalarText(value)] : value

export const texts: LongForm = (value) =>
  isList(value) ? mapped(value, (entry) => (typeof entry === 'object' ? entry : scalarText(entry))) : value

export const text: LongForm = (value) => (value === null || typeof value === 'object' ? value : scalarText(value))

export const words: LongForm = (value) => (typeof value === 'string' ? shellWords(value) : value)

export const healthTest: LongForm = (value) => (typeof value === 'string' ? ['CMD-SHELL', value] : value)

export const under =
  (key: string): LongForm =>
  (value) =>
    typeof value === 'string' ? makeMap([[key, value]]) : value

/** A list of names as a mapping to what each has by default; what is there already keeps what it has. */
export const namesTo =
  (defaults: () => Tree): LongForm =>
  (value) => {
    const map = makeMap()
    const names = isList(value) ? value.map(scalarText) : Object.keys(isMap(value) ? value : {})
    for (const [index, name] of names.entries()) {
      const given = isMap(value) ? value[name] : undefined
      const initial = defaults()
      map[name] = isMap(initial) && isMap(given) ? Object.assign(initial, given) : (given ?? initial)
      if (isList(value) || isMap(value)) carryPosition(value, isList(value) ? index : name, map, name)
    }
    return map
  }

export const dependency = () =>
  makeMap([
    ['condition', 'service_started'],
    ['required', true],
  ])

export const envFiles: LongForm = (value) =>
  mapped(isList(value) ? value : [value], (entry) => {
    const file = isMap(entry) ? entry : makeMap([['path', entry]])
    file.required ??= true
    return file
  })

export const ports: LongForm = (value) => {
  if (!isList(value)) return value
  const result: TreeList = []
  for (const [index, entry] of value.entries()) {
    const opened = isMap(entry) ? [longPort(entry)] : parsePort(scalarText(entry))
    for (const port of opened) {
      carryPosition(value, index, result, result.length)
      result.push(port)
    }
  }
  return result
}

function longPort(port: ReturnType<typeof makeMap>) {
  if (port.published !== undefined && port.published !== null) port.published = scalarText(port.published)
  if (typeof port.target === 'string') port.target = Number(port.target)
  return port
}

export const deviceMapping: LongForm = (value) => {
  if (typeof value !== 'string') return value
  const [source = '', target, permissions, ...more] = value.split(':')
  if (more.length > 0 || source === '') throw new Error(`confusing device mapping, please use long syntax: ${value}`)
  return makeMap([
    ['source', source],
    ['target', target ?? source],
    ['permissions', permissions ?? 'rwm'],
  ])
}

export const fileMount: LongForm = (value) => (typeof value === 'string' ? makeMap([['source', value]]) : value)

/** Still one that the schema allows, since other files may be merged over it: {@link finishModel} makes the long form. */
export const sshKeys: LongForm = (value) => {
  if (isMap(value)) return value
  const entries = (isList(value) ? value : [value]).map((entry): [string, Tree] => {
    const [id = '', ...path] = scalarText(entry).split('=')
    return [id, path.join('=')]
  })
  return makeMap(entries)
}

export const devices: LongForm = (value) => (value === 'all' ? [makeMap([['count', -1]])] : value)

export const deviceCount: LongForm = (value) => {
  if (value === 'all') return -1
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return Number(value)
  if (typeof value === 'string')
    throw new Error("invalid value for 'count': the only string it can be is 'all', or a number")
  return value
}

/** Watches with several paths as one for each. */
export const watches: LongForm = (value) =>
  isList(value)
    ? value.flatMap((entry) =>
        isMap(entry) && isList(entry.path)
          ? entry.path.map((path) => Object.assign(makeMap(), entry, { path }))
          : [entry],
      )
    : value

/** `external: { name }` of old. */
export const external: LongForm = (value) => {
  if (value === null) return makeMap()
  if (!isMap(value) || !isMap(value.external)) return value
  const { name } = value.external
  if (value.name !== undefined && name !== undefined && value.name !== name)
    throw new Error('name and external.name conflict; only use name')
  value.external = true
  if (name !== undefined) value.name = name
  return value
}

function mapped(list: TreeList, change: (entry: Tree) => Tree): TreeList {
  const result = list.map(change)
  for (const index of list.keys()) carryPosition(list, index, result, index)
  return result
}
