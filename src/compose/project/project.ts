// SPDX-License-Identifier: Apache-2.0
import { Engine } from 'tscontainer'
import type { LoadOptions } from '../load/load-options.js'
import { loadProject } from '../load/load-project.js'
import { checkCallOptions, type OptionCheck, optionOf, refusedOption } from '../run/check-options.js'
import { findProject, listProjects, type ProjectSummary } from '../run/found-project.js'
import { ProjectVerbs } from '../verbs/project-verbs.js'

/** How projects are looked for. */
export interface FindOptions {
  /** Where; {@link Engine.default} by default. */
  readonly engine?: Engine | undefined
  /** Aborted: the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const engineCheck: OptionCheck = [(value) => value instanceof Engine, 'an Engine']

/**
 * A project of the Compose specification: what its files say, merged, completed and checked, and what runs of it. What the files say is frozen.
 */
export class Project extends ProjectVerbs {
  /**
   * Loads a project from its file, from several that are merged in this order, or from the compose file in a directory or above it (with its
   * override file); without any, from those in COMPOSE_FILE or in the working directory. Nothing is run or made.
   *
   * Rejects with ERR_COMPOSE_INVALID, naming file, line, column and path; ERR_UNSUPPORTED for files that are elsewhere; ERR_INVALID_ARGUMENT.
   */
  static async load(
    file?: string | readonly string[],
    options: LoadOptions & Pick<FindOptions, 'engine'> = {},
  ): Promise<Project> {
    if (typeof options !== 'object' || options === null)
      throw refusedOption('options', `expected an object, got ${options}`)
    const { engine, ...rest } = options
    if (engine !== undefined && !(engine instanceof Engine)) throw refusedOption('engine', `expected ${engineCheck[1]}`)
    return new Project(await loadProject(file, rest), { engine, hasFiles: true })
  }

  /**
   * The project of that name as the engine knows it, whichever process made it and wherever its files are: what is there can be looked at,
   * stopped, started and taken down. ERR_PROJECT_NOT_FOUND.
   */
  static async find(name: string, options: FindOptions = {}): Promise<Project> {
    const { engine, signal } = checkedFind(options)
    return new Project(await findProject(engine ?? Engine.default, name, signal), { engine, hasFiles: false })
  }

  /** The projects that have containers, running or not, by name. */
  static async list(options: FindOptions = {}): Promise<readonly ProjectSummary[]> {
    const { engine, signal } = checkedFind(options)
    return await listProjects(engine ?? Engine.default, signal)
  }
}

function checkedFind(options: FindOptions): FindOptions {
  checkCallOptions<FindOptions>(options, { engine: engineCheck, signal: optionOf.signal })
  return options
}
