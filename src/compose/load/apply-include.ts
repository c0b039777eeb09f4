// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { hostPath, isLocalContext } from '../canonical/resolve-paths.js'
import { composeInvalid } from '../document/compose-error.js'
import type { Path } from '../document/path.js'
import { carryPosition } from '../document/position.js'
import { isList, isMap, makeMap, type Tree, type TreeMap } from '../document/tree.js'
import { readEnvFile } from '../environment/read-env-file.js'
import { interpolationOf, type LoadContext } from './load-context.js'
import { refuseRemote } from './refuse-remote.js'

/** Loads files as a model of their own. */
export type LoadFiles = (files: readonly string[], context: LoadContext) => Promise<TreeMap>

/** A document that may include others. */
export interface IncludingDocument {
  readonly file: string
  readonly root: TreeMap
}

const sections = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models']

/** Adds to the document what it includes, in place: models of their own, with their own directory and environment. */
export async function applyInclude(
  { file, root }: IncludingDocument,
  context: LoadContext,
  loadFiles: LoadFiles,
): Promise<void> {
  const { include } = root
  if (include === undefined) return
  if (include !== null && !isList(include)) throw composeInvalid({ root, path: ['include'], problem: 'must be a list' })
  for (const [index, entry] of (include ?? []).entries()) {
    const path = ['include', index]
    const { files, inner } = await includeOf(entry, {
      root,
      path,
      context: { ...context, including: [...context.including, file] },
    })
    importSections(await loadFiles(files, inner), root, path)
  }
  delete root.include
}

interface Place {
  readonly root: TreeMap
  readonly path: Path
  readonly context: LoadContext
}

async function includeOf(entry: Tree, place: Place) {
  const { context } = place
  const included = isMap(entry) ? entry : makeMap([['path', entry]])
  const files = localPaths(included.path, { ...place, path: isMap(entry) ? [...place.path, 'path'] : place.path })
  const [first] = files
  if (first === undefined) throw composeInvalid({ ...place, problem: 'must name a file' })
  const cyclic = files.find((file) => context.including.includes(file))
  if (cyclic !== undefined) {
    const chain = [...context.including.slice(context.including.indexOf(cyclic)), cyclic].join('\n  include ')
    throw composeInvalid({ ...place, problem: `include cycle detected:\n  ${chain}` })
  }
  const [given] = localPaths(included.project_directory, { ...place, path: [...place.path, 'project_directory'] })
  const directory = given ?? dirname(first)
  const envFiles = localPaths(included.env_file, { ...place, path: [...place.path, 'env_file'] })
  return { files, inner: { ...context, directory, environment: await environmentOf(envFiles, directory, context) } }
}

function localPaths(value: Tree | undefined, { root, path, context }: Place): readonly string[] {
  if (value === undefined || value === null) return []
  return (isList(value) ? value : [value]).map((text) => {
    if (typeof text !== 'string' || text === '')
      throw composeInvalid({ root, path, problem: 'must be a path, or a list of them' })
    if (!isLocalContext(text)) refuseRemote({ root, path, resource: text })
    return hostPath(text, context.directory)
  })
}

// What the including project has set wins.
async function environmentOf(
  given: readonly string[],
  directory: string,
  context: LoadContext,
): Promise<ReadonlyMap<string, string>> {
  const file = join(directory, '.env')
  const isThere =
    given.length === 0 &&
    (await stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    ))
  const environment = new Map<string, string>()
  for (const path of isThere ? [file] : given) {
    // What compose has for "no env file".
    if (path === '/dev/null') continue
    const values = await readEnvFile({ path, interpolation: interpolationOf(context), signal: context.session.signal })
    for (const [name, value] of values) environment.set(name, value)
  }
  for (const [name, value] of context.environment) environment.set(name, value)
  return environment
}

function importSections(from: TreeMap, to: TreeMap, path: Path): void {
  for (const section of sections) {
    const source = from[section]
    if (!isMap(source)) continue
    to[section] ??= makeMap()
    const target = to[section]
    if (!isMap(target)) continue
    for (const name of Object.keys(source)) {
      if (name in target && !isDeepStrictEqual(target[name], source[name])) {
        const hint = 'change what is included by another file of the project, which is merged over it'
        throw composeInvalid({
          root: to,
          path: [section, name],
          problem: `conflicts with imported resource of ${String(path[0])}[${path[1]}]`,
          hint,
        })
      }
      target[name] = source[name] as Tree
      carryPosition(source, name, target, name)
    }
  }
}
