// SPDX-License-Identifier: Apache-2.0
import { Engine, EngineError } from 'tscontainer'
import type { LoadedProject } from '../load/load-project.js'
import { beginProjectOperation, type ProjectOperation } from '../progress/project-operation.js'
import type { TellProgress } from '../progress/project-progress.js'
import { ProjectView } from '../project/project-view.js'
import { bringUp, type UpResult } from './bring-up.js'
import * as states from './change-state.js'
import { checkDownOptions, type DownOptions } from './down-options.js'
import { MadeThings } from './made-things.js'
import type { RunningProject } from './running-project.js'
import { startServices } from './start-services.js'
import {
  checkState,
  type KillOptions,
  type RestartOptions,
  type RmOptions,
  type ScaleOptions,
  type StartOptions,
  type StateOptions,
  type StopServicesOptions,
} from './state-options.js'
import { takeDown } from './take-down.js'
import type { Keeper } from './up-context.js'
import {
  type CreateOptions,
  checkCreateOptions,
  checkUpOptions,
  type ProjectCallOptions,
  type UpOptions,
} from './up-options.js'

type Changing<T> = (project: RunningProject, options: T, tell: TellProgress) => Promise<void>

/**
 * What changes a running project. What there is of it is found by labels each time, so any process can go on where another one stopped, or was
 * killed. One call changes a project at a time; others, also of other processes, wait.
 */
export abstract class ProjectChanges extends ProjectView {
  readonly #loaded: LoadedProject
  readonly #engine: Engine | undefined
  readonly #hasFiles: boolean
  readonly #made = new MadeThings()

  /** @internal */
  protected constructor(
    loaded: LoadedProject,
    { engine, hasFiles }: { readonly engine: Engine | undefined; readonly hasFiles: boolean },
  ) {
    super(loaded)
    this.#loaded = loaded
    this.#engine = engine
    this.#hasFiles = hasFiles
  }

  /** @internal */
  get running(): RunningProject {
    const { model, disabled, environment, directory, files, environmentFiles } = this.#loaded
    const origin = { name: model.name, directory, files, environmentFiles }
    return { engine: this.#engine ?? Engine.default, origin, model, disabled, environment }
  }

  /** @internal Told of what is made beside `up`, so that it goes with this handle. */
  protected get keeper(): Keeper {
    return this.#made
  }

  /**
   * Makes the project what its files say, and nothing more than that: images, networks and volumes, then containers in the order of their
   * dependencies, what is independent at the same time. Only what changed is made anew. ERR_COMPOSE_DEPENDENCY names what did not become what it
   * has to be; what is up by then stays, and another `up` goes on from there.
   */
  up(options: UpOptions = {}): ProjectOperation<UpResult> {
    checkUpOptions(options)
    return this.#bring(options)
  }

  /** As `up`, but nothing is started. */
  create(options: CreateOptions = {}): ProjectOperation<UpResult> {
    checkCreateOptions(options)
    return this.#bring({ ...options, noStart: true })
  }

  /** Gives services so many containers, `{ web: 3 }`, and makes none anew. The highest numbers go first. */
  scale(counts: Readonly<Record<string, number>>, options: ScaleOptions = {}): ProjectOperation<UpResult> {
    checkState.scale(options)
    const services = options.services ?? Object.keys(counts)
    const up: UpOptions = { ...options, services, scale: counts, noRecreate: true }
    checkUpOptions(up)
    return this.#bring(up)
  }

  /**
   * Stops and removes the project's containers, dependents first, and its networks; on request its volumes and images. With `services` only
   * their containers.
   */
  down(options: DownOptions = {}): ProjectOperation<void> {
    checkDownOptions(options)
    const given = { ...options, removeOrphans: options.removeOrphans ?? !this.#hasFiles }
    return this.#change(takeDown, given)
  }

  /** Starts containers that are there, also those that the services need. */
  start(options: StartOptions = {}): ProjectOperation<void> {
    checkState.start(options)
    return this.#change(startServices, options)
  }

  /** Stops containers, dependents first; they stay. */
  stop(options: StopServicesOptions = {}): ProjectOperation<void> {
    checkState.stop(options)
    return this.#change(states.stopServices, options)
  }

  /** Stops and starts containers, and those that say `restart: true` of them in `depends_on`. What changed in files is `up`'s. */
  restart(options: RestartOptions = {}): ProjectOperation<void> {
    checkState.restart(options)
    return this.#change(states.restartServices, options)
  }

  /** Sends the main processes of containers a signal. */
  kill(options: KillOptions = {}): ProjectOperation<void> {
    checkState.kill(options)
    return this.#change(states.killServices, options)
  }

  /** Freezes containers. */
  pause(options: StateOptions = {}): ProjectOperation<void> {
    checkState.state(options)
    return this.#change(states.pauseServices, options)
  }

  /** Lets frozen containers go on. */
  unpause(options: StateOptions = {}): ProjectOperation<void> {
    checkState.state(options)
    return this.#change(states.resumeServices, options)
  }

  /** Removes containers that do not run; with `stop` all. */
  rm(options: RmOptions = {}): ProjectOperation<void> {
    checkState.remove(options)
    return this.#change(states.removeServices, options)
  }

  /** Removes the containers and networks that this handle made, and nothing that was there before. Volumes with a name stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.remove(this.running, () => {})
  }

  #bring(options: UpOptions): ProjectOperation<UpResult> {
    if (!this.#hasFiles) throw withoutFiles(this.name, this.files)
    return beginProjectOperation(
      (tell) => bringUp(this.running, { options, tell, keeper: this.#made }),
      options.onProgress,
    )
  }

  #change<T extends ProjectCallOptions>(work: Changing<T>, options: T): ProjectOperation<void> {
    return beginProjectOperation((tell) => work(this.running, options, tell), options.onProgress)
  }
}

const withoutFiles = (name: string, files: readonly string[]): EngineError =>
  new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `what containers of the project '${name}' are made from is known from its files alone`,
    object: name,
    hint: files.length > 0 ? `load it: Project.load(${JSON.stringify(files)})` : 'load it with Project.load',
  })
