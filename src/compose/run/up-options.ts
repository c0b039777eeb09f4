// SPDX-License-Identifier: Apache-2.0
import type { ViewTarget } from 'tscontainer'
import type { ProjectProgress } from '../progress/project-progress.js'
import { checkCallOptions, type OptionChecks, oneOf, optionOf, refusedOption } from './check-options.js'

/** What every change of a project takes. */
export interface ProjectCallOptions {
  /** The services that are meant, by name; all by default. */
  readonly services?: readonly string[] | undefined
  /** Told of everything that happens; nothing is left out, as it may be in a slow loop. */
  readonly onProgress?: ((event: ProjectProgress) => void) | undefined
  /** Aborted: nothing more is begun, and the promise rejects with the reason. What was made stays; the next `up` or `down` goes on from there. */
  readonly signal?: AbortSignal | undefined
}

/** How containers are made. */
export interface CreateOptions extends ProjectCallOptions {
  /** Builds the images of services that have a `build`, also where they are there; else those that are missing. */
  readonly build?: boolean | undefined
  /** Builds nothing: ERR_IMAGE_NOT_FOUND where an image is missing. */
  readonly noBuild?: boolean | undefined
  /** When to ask registries, in place of what services say in `pull_policy`. */
  readonly pull?: 'always' | 'missing' | 'never' | undefined
  /** Makes containers anew although nothing changed. */
  readonly forceRecreate?: boolean | undefined
  /** Makes none anew although something changed. */
  readonly noRecreate?: boolean | undefined
  /** Containers that are made anew get new volumes where theirs have no name; by default those are carried over. */
  readonly renewAnonVolumes?: boolean | undefined
  /** Removes containers of services that the project has no more, of which there is a warning else. */
  readonly removeOrphans?: boolean | undefined
  /** How many containers services have, in place of what they say. */
  readonly scale?: Readonly<Record<string, number>> | undefined
  /**
   * Containers outlive this process, and are found again by another one. By default they end with the process that made them, as all
   * containers do; those that are there already are left as they are.
   */
  readonly detached?: boolean | undefined
  /** How long containers that are replaced have between being asked to stop and being killed, in place of their own grace period. */
  readonly timeoutMs?: number | undefined
  /** Nothing is done: the result has the plan. */
  readonly dryRun?: boolean | undefined
}

/** How a project is brought up. */
export interface UpOptions extends CreateOptions {
  /** Makes containers of services anew, too, that the given ones need. */
  readonly alwaysRecreateDeps?: boolean | undefined
  /** Leaves alone what the given services need. */
  readonly noDeps?: boolean | undefined
  /** Makes containers, and starts none. */
  readonly noStart?: boolean | undefined
  /** Waits until all that were asked for are healthy, or run where they have no health check. */
  readonly wait?: boolean | undefined
  /** How long that, and every wait for a dependency, may take altogether: ERR_TIMEOUT. No limit by default but that of health checks. */
  readonly waitTimeoutMs?: number | undefined
  /** Shows what containers write, of all services or of these, and resolves when none of them runs any more. */
  readonly attach?: boolean | readonly string[] | undefined
  /** Where `attach` writes; `process.stdout` by default. */
  readonly output?: ViewTarget | undefined
  /** Resolves when a container ends, and stops all others then; not those that others wait for to complete. */
  readonly abortOnContainerExit?: boolean | undefined
  /** Likewise, and `exitCode` of the result is that of this service. */
  readonly exitCodeFrom?: string | undefined
}

export const callChecks: OptionChecks<ProjectCallOptions> = {
  services: optionOf.names,
  onProgress: optionOf.function,
  signal: optionOf.signal,
}

export const createChecks: OptionChecks<CreateOptions> = {
  ...callChecks,
  build: optionOf.boolean,
  noBuild: optionOf.boolean,
  pull: oneOf('always', 'missing', 'never'),
  forceRecreate: optionOf.boolean,
  noRecreate: optionOf.boolean,
  renewAnonVolumes: optionOf.boolean,
  removeOrphans: optionOf.boolean,
  scale: optionOf.counts,
  detached: optionOf.boolean,
  timeoutMs: optionOf.milliseconds,
  dryRun: optionOf.boolean,
}

const upChecks: OptionChecks<UpOptions> = {
  ...createChecks,
  alwaysRecreateDeps: optionOf.boolean,
  noDeps: optionOf.boolean,
  noStart: optionOf.boolean,
  wait: optionOf.boolean,
  waitTimeoutMs: optionOf.milliseconds,
  attach: [(value) => typeof value === 'boolean' || optionOf.names[0](value), 'true, false or a list of names'],
  output: [(value) => typeof (value as ViewTarget | null)?.write === 'function', 'something to write to'],
  abortOnContainerExit: optionOf.boolean,
  exitCodeFrom: optionOf.text,
}

const contradictions: readonly (readonly [keyof UpOptions, keyof UpOptions])[] = [
  ['build', 'noBuild'],
  ['forceRecreate', 'noRecreate'],
  ['alwaysRecreateDeps', 'noRecreate'],
  ['alwaysRecreateDeps', 'noDeps'],
  ['wait', 'noStart'],
  ['attach', 'noStart'],
  ['abortOnContainerExit', 'noStart'],
  ['exitCodeFrom', 'noStart'],
]

/** Refuses what is malformed, or contradicts itself. */
export function checkUpOptions(options: UpOptions): void {
  checkCallOptions(options, upChecks)
  for (const [one, other] of contradictions)
    if (options[one] && options[other]) throw refusedOption(one, `cannot be had with ${other}`)
}

/** Refuses what is malformed, or what only starts have. */
export function checkCreateOptions(options: CreateOptions): void {
  checkCallOptions(options, createChecks)
  checkUpOptions(options)
}
