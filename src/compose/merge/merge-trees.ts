// SPDX-License-Identifier: Apache-2.0
import { composeInvalid } from '../document/compose-error.js'
import { type Path, pathText } from '../document/path.js'
import { PathRules } from '../document/path-rules.js'
import { carryPosition, positionAt } from '../document/position.js'
import { isList, isMap, makeMap, type Tree, type TreeList, type TreeMap } from '../document/tree.js'
import { asList, asMap, joinLists } from './as-list.js'

/** One merge: what is there, what comes over it, where; and the sequences that merge by index (`!merge`). */
interface Pair {
  readonly base: Tree
  readonly over: Tree
  readonly path: Path
  readonly context: MergeContext
}

interface MergeContext {
  readonly byIndex: ReadonlySet<string>
  readonly overRoot: Tree
}

type Merger = (pair: Pair) => Tree

const replace: Merger = ({ over }) => over
const lists: Merger = ({ base, over }) => joinLists(asList(base), asList(over))
const newOnes: Merger = ({ base, over }) => {
  const known = asList(base)
  return joinLists(
    known,
    asList(over).filter((entry) => !known.includes(entry)),
  )
}
const named =
  (initial: () => Tree): Merger =>
  ({ base, over, ...rest }) =>
    mergeMaps({ ...rest, base: asMap(base, initial), over: asMap(over, initial) })
const startedDependency = () =>
  makeMap([
    ['condition', 'service_started'],
    ['required', true],
  ])

const toLists = [
  ...['networks.*.labels', 'volumes.*.labels'],
  ...[
    'annotations',
    'build.args',
    'build.additional_contexts',
    'build.labels',
    'deploy.labels',
    'dns',
    'dns_opt',
    'dns_search',
  ].map((name) => `services.*.${name}`),
  ...['env_file', 'label_file', 'environment', 'labels', 'sysctls', 'tmpfs', 'volumes.*.volume.labels'].map(
    (name) => `services.*.${name}`,
  ),
]

// Compose specification, "Merge": what is not listed is merged if it is a mapping, appended to if a sequence, else replaced.
const mergers = new PathRules<Merger>([
  ...toLists.map((pattern) => [pattern, lists] as const),
  ['networks.*.ipam.config', mergeSubnets],
  ['services.*.build', mergeBuild],
  ['services.*.build.extra_hosts', newOnes],
  ['services.*.extra_hosts', newOnes],
  ['services.*.command', replace],
  ['services.*.entrypoint', replace],
  ['services.*.healthcheck.test', replace],
  ['services.*.depends_on', named(startedDependency)],
  ['services.*.logging', mergeLogging],
  ['services.*.models', named(() => null)],
  ['services.*.networks', named(() => null)],
  ['services.*.ulimits.*', replace],
  ['models.*.runtime_flags', replace],
])

/** What comes with `over` beside its values. */
export interface MergeOptions {
  /** The paths of sequences that are merged by index. */
  readonly byIndex?: Iterable<Path>
  /** Where both are in their documents. */
  readonly path?: Path
}

/** `over` merged over `base`, by the rules of compose for several files. Neither is kept as it was. Throws ERR_COMPOSE_INVALID where kinds differ. */
export function mergeTrees(base: TreeMap, over: TreeMap, { byIndex = [], path = [] }: MergeOptions = {}): TreeMap {
  const context = { byIndex: new Set([...byIndex].map(pathText)), overRoot: over }
  return mergeMaps({ base, over, path, context })
}

function mergeValues(pair: Pair): Tree {
  const { base, over, path, context } = pair
  if (context.byIndex.has(pathText(path))) return mergeByIndex(pair)
  const merger = mergers.at(path)
  if (merger !== undefined && !(over === null && typeof base === 'object' && merger !== replace)) return merger(pair)
  if (over === null) return base
  if (isMap(base)) {
    if (!isMap(over)) throw cannotOverride(pair)
    return mergeMaps({ ...pair, base, over })
  }
  if (isList(base)) {
    if (!isList(over)) throw cannotOverride(pair)
    return joinLists(base, over)
  }
  return over
}

function mergeMaps({
  base,
  over,
  path,
  context,
}: {
  base: TreeMap
  over: TreeMap
  path: Path
  context: MergeContext
}): TreeMap {
  for (const key of Object.keys(over)) {
    const value = over[key] as Tree
    base[key] =
      key in base ? mergeValues({ base: base[key] as Tree, over: value, path: [...path, key], context }) : value
    carryPosition(over, key, base, key)
  }
  return base
}

function mergeByIndex(pair: Pair): Tree {
  const { base, over, path, context } = pair
  if (!isList(base) || !isList(over)) return over
  const result: TreeList = []
  for (let index = 0; index < Math.max(base.length, over.length); index++) {
    const mine = base[index]
    const theirs = over[index]
    if (theirs === undefined || (mine !== undefined && isNothing(theirs))) result.push(mine as Tree)
    else
      result.push(
        mine === undefined ? theirs : mergeValues({ base: mine, over: theirs, path: [...path, index], context }),
      )
    carryPosition(index in over ? over : base, index, result, index)
  }
  return result
}

const isNothing = (value: Tree): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0)

function mergeBuild(pair: Pair): Tree {
  const build = (value: Tree) => (typeof value === 'string' ? makeMap([['context', value]]) : value)
  const [base, over] = [build(pair.base), build(pair.over)]
  if (!isMap(base) || !isMap(over)) return over ?? base
  return mergeMaps({ ...pair, base, over })
}

// Options belong to a driver.
function mergeLogging(pair: Pair): Tree {
  const { base, over } = pair
  if (!isMap(base) || !isMap(over)) throw cannotOverride(pair)
  if (base.driver !== undefined && over.driver !== undefined && base.driver !== over.driver) return over
  return mergeMaps({ ...pair, base, over })
}

function mergeSubnets(pair: Pair): Tree {
  const { base, over, path, context } = pair
  if (!isList(base) || !isList(over)) throw cannotOverride(pair)
  const result: TreeList = [...base]
  for (const config of over) {
    const at = result.findIndex((known) => isMap(known) && isMap(config) && known.subnet === config.subnet)
    const known = result[at]
    if (known === undefined || !isMap(known) || !isMap(config)) result.push(config)
    else result[at] = mergeMaps({ base: known, over: config, path, context })
  }
  return result
}

const kindOf = (value: Tree): string => (isMap(value) ? 'a mapping' : isList(value) ? 'a list' : 'a single value')

function cannotOverride({ base, over, path, context }: Pair) {
  const problem = `cannot override ${kindOf(base)} by ${kindOf(over)}`
  return composeInvalid({
    at: positionAt(context.overRoot, path),
    path,
    problem,
    hint: 'mark it with !override to replace what is there',
  })
}
