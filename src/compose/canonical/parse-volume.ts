// SPDX-License-Identifier: Apache-2.0
import { makeMap, type TreeMap } from '../document/tree.js'

/** A mount of a service from its short form. */
export interface ShortVolume {
  /** In the long form of the specification. */
  readonly volume: TreeMap
  readonly target: string
  /** Options that mean nothing. */
  readonly ignored: readonly string[]
}

const propagations = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

/** Parses `[source:]target[:options]`. Colons of `${…}` and of a drive letter do not count. Throws an Error with a phrase. */
export function parseVolume(spec: string): ShortVolume {
  if (spec === '') throw new Error('invalid empty volume spec')
  const [first = '', second, options, ...more] = sections(spec)
  if (more.length > 0) throw new Error(`invalid volume spec ${JSON.stringify(spec)}: too many colons`)
  if ([first, second, options].includes(''))
    throw new Error(`invalid volume spec ${JSON.stringify(spec)}: empty section between colons`)
  const source = second === undefined ? undefined : first
  const target = second ?? first
  const isBind = source !== undefined && isPath(source)
  const volume = makeMap([['type', isBind ? 'bind' : 'volume']])
  if (source !== undefined) volume.source = source
  volume.target = target
  const details = isBind ? makeMap([['create_host_path', true]]) : makeMap()
  const ignored = (options?.split(',') ?? []).filter((option) => !applyOption(option, volume, details))
  volume[isBind ? 'bind' : 'volume'] = details
  return { volume, target, ignored }
}

function applyOption(option: string, volume: TreeMap, details: TreeMap): boolean {
  if (option === 'ro') volume.read_only = true
  else if (option === 'rw') delete volume.read_only
  else if (option === 'nocopy' && volume.type === 'volume') details.nocopy = true
  else if (propagations.has(option) && volume.type === 'bind') details.propagation = option
  else if ((option === 'z' || option === 'Z') && volume.type === 'bind') details.selinux = option
  else return false
  return true
}

function sections(spec: string): readonly string[] {
  const result: string[] = []
  let start = 0
  let variables = 0
  for (let at = 0; at < spec.length; at++) {
    if (spec.startsWith('${', at)) variables++
    else if (spec[at] === '}' && variables > 0) variables--
    else if (spec[at] === ':' && variables === 0 && !isDrive(spec, start, at)) {
      result.push(spec.slice(start, at))
      start = at + 1
    }
  }
  return [...result, spec.slice(start)]
}

// A volume may have a name of one letter.
const isDrive = (spec: string, start: number, colon: number): boolean =>
  colon === start + 1 && /^[a-zA-Z]:\\/.test(spec.slice(start, colon + 2))

/** Whether the source is a path of the host rather than a volume's name. */
const isPath = (source: string): boolean => /^(?:[./~]|\\\\|[a-zA-Z]:\\)/.test(source)
