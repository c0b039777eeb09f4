// SPDX-License-Identifier: Apache-2.0
import { basename, dirname, resolve } from 'node:path'
import { finishModel } from '../canonical/finish-model.js'
import { normalise } from '../canonical/normalise.js'
import { checkConsistency } from '../check/consistency.js'
import { warnOfNotApplicable } from '../check/not-applicable.js'
import { isMap, makeMap, type TreeMap } from '../document/tree.js'
import { type ComposeWarning, Warnings } from '../document/warning.js'
import { interpolate } from '../environment/interpolate.js'
import type { ProjectModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'
import { checkProjectName, nameOfDirectory } from '../project/project-name.js'
import { selectServices } from '../project/select-services.js'
import { findFiles, isDirectory } from './find-files.js'
import { type LoadContext, LoadSession } from './load-context.js'
import { loadEnvironment } from './load-environment.js'
import { type LoadedFile, loadDocuments } from './load-files.js'
import { type ComposeOverride, checkFiles, checkLoadOptions, type LoadOptions } from './load-options.js'
import { readServiceFiles } from './read-service-files.js'
import { treeOfValue } from './tree-of-value.js'

/** A project as it was loaded. */
export interface LoadedProject {
  readonly model: ProjectModel
  readonly disabled: Readonly<Record<string, ServiceModel>>
  readonly directory: string
  readonly files: readonly string[]
  readonly environmentFiles: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly profiles: readonly string[]
  readonly warnings: readonly ComposeWarning[]
}

/** Loads, merges, completes and checks a project. Rejects with ERR_COMPOSE_INVALID, ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED or the signal's reason. */
export async function loadProject(
  given: string | readonly string[] | undefined,
  options: LoadOptions = {},
): Promise<LoadedProject> {
  checkLoadOptions(options)
  const named = checkFiles(given)
  options.signal?.throwIfAborted()
  const own = ownEnvironment(options)
  const files = await filesOf(named, own)
  const directory = resolve(options.projectDirectory ?? dirname(files[0] as string))
  const session = new LoadSession(new Warnings(), options.signal)
  const { variables: environment, files: environmentFiles } = await loadEnvironment(own, directory, session)
  const loaded = await parseAll(files, options.overrides, session)
  const name = projectName(loaded, { options, environment, directory, file: files[0] as string })
  environment.set('COMPOSE_PROJECT_NAME', name)
  const context: LoadContext = { session, directory, environment, including: [] }
  const root = await loadDocuments(loaded, context)
  const profiles = options.profiles ?? environment.get('COMPOSE_PROFILES')?.split(',').filter(Boolean) ?? []
  const { model, disabled } = await complete(root, { name, profiles, consistency: options.consistency }, context)
  return { model, disabled, directory, files, environmentFiles, environment, profiles, warnings: session.warnings.all }
}

function ownEnvironment({ env = process.env }: LoadOptions): ReadonlyMap<string, string> {
  return new Map(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

async function filesOf(named: readonly string[], environment: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const [first] = named
  if (named.length === 1 && first !== undefined && (await isDirectory(first))) return findFiles(first)
  if (named.length > 0) return named.map((file) => resolve(file))
  const listed = environment.get('COMPOSE_FILE')
  const separator = environment.get('COMPOSE_PATH_SEPARATOR') || ':'
  if (listed)
    return listed
      .split(separator)
      .filter(Boolean)
      .map((file) => resolve(file))
  return findFiles(process.cwd())
}

async function parseAll(
  files: readonly string[],
  overrides: LoadOptions['overrides'],
  session: LoadSession,
): Promise<readonly LoadedFile[]> {
  const loaded: LoadedFile[] = []
  for (const file of files) loaded.push({ file, documents: await session.parse(file) })
  const list =
    overrides === undefined
      ? []
      : Array.isArray(overrides)
        ? (overrides as readonly ComposeOverride[])
        : [overrides as ComposeOverride]
  for (const [index, override] of list.entries()) {
    if (typeof override === 'string') {
      const file = resolve(override)
      loaded.push({ file, documents: await session.parse(file) })
    } else {
      const option = `overrides[${index}]`
      loaded.push({ file: option, documents: [{ tree: treeOfValue(override, option), tagged: [] }] })
    }
  }
  return loaded
}

interface Naming {
  readonly options: LoadOptions
  readonly environment: ReadonlyMap<string, string>
  readonly directory: string
  readonly file: string
}

// Known before anything is filled in, since ${COMPOSE_PROJECT_NAME} may be meant.
function projectName(loaded: readonly LoadedFile[], { options, environment, directory, file }: Naming): string {
  const fixed = options.name ?? environment.get('COMPOSE_PROJECT_NAME')
  if (fixed) return checkProjectName(fixed, options.name === undefined ? 'COMPOSE_PROJECT_NAME' : file)
  const written = loaded.flatMap(({ documents }) => documents).map(({ tree }) => (isMap(tree) ? tree.name : undefined))
  const last = written.filter((name): name is string => typeof name === 'string' && name !== '').at(-1)
  if (last !== undefined) return checkProjectName(filled(last, environment), file)
  return checkProjectName(nameOfDirectory(directory), basename(file))
}

// What cannot be filled in is refused with its place when the document is.
function filled(name: string, environment: ReadonlyMap<string, string>): string {
  try {
    return interpolate(name, { lookup: (variable) => environment.get(variable) })
  } catch {
    return 'unnamed'
  }
}

interface Completion {
  readonly name: string
  readonly profiles: readonly string[]
  readonly consistency: LoadOptions['consistency']
}

async function complete(root: TreeMap, { name, profiles, consistency }: Completion, context: LoadContext) {
  const { warnings } = context.session
  const { enabled, disabled } = selectServices(root.services, profiles)
  warnOfNotApplicable(makeMap([...Object.entries(root), ['services', enabled]]), warnings)
  await readServiceFiles(enabled, context)
  normalise(root, name, context.environment)
  finishModel(root)
  const model = makeMap([...Object.entries(root), ['services', enabled]])
  const loaded = {
    model: model as unknown as ProjectModel,
    disabled: disabled as unknown as Readonly<Record<string, ServiceModel>>,
  }
  if (consistency !== 'skip') checkConsistency({ ...loaded, root, warnings })
  return deepFrozen(loaded)
}

function deepFrozen<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) deepFrozen(inner)
  return Object.freeze(value)
}
