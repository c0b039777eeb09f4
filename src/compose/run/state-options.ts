// SPDX-License-Identifier: Apache-2.0
import { checkCallOptions, type OptionChecks, optionOf } from './check-options.js'
import { callChecks, type ProjectCallOptions } from './up-options.js'

/** Whose state is changed. */
export type StateOptions = ProjectCallOptions

/** How services are stopped. */
export interface StopServicesOptions extends StateOptions {
  /** How long containers have between being asked to stop and being killed, in place of their own grace period. */
  readonly timeoutMs?: number | undefined
}

/** How services are started. */
export interface StartOptions extends StateOptions {
  /** Waits until those that were asked for are healthy, or run where they have no health check. */
  readonly wait?: boolean | undefined
  /** How long that, and every wait for a dependency, may take altogether: ERR_TIMEOUT. No limit by default but that of health checks. */
  readonly waitTimeoutMs?: number | undefined
}

/** How services are restarted. */
export interface RestartOptions extends StopServicesOptions {
  /** Leaves alone those that say `restart: true` of a service that is restarted. */
  readonly noDeps?: boolean | undefined
}

/** How services are killed. */
export interface KillOptions extends StateOptions {
  /** `SIGKILL` by default, which takes everything in a container. */
  readonly stopSignal?: string | undefined
}

/** Which containers are removed. */
export interface RmOptions extends StopServicesOptions {
  /** Also those that run, which are stopped first; by default only those that do not. */
  readonly stop?: boolean | undefined
  /** Also their volumes without a name. */
  readonly volumes?: boolean | undefined
}

/** How many containers services get. */
export interface ScaleOptions extends ProjectCallOptions {
  /** Leaves alone what the services need. */
  readonly noDeps?: boolean | undefined
  /** See {@link CreateOptions.detached}. */
  readonly detached?: boolean | undefined
}

const stopChecks: OptionChecks<StopServicesOptions> = { ...callChecks, timeoutMs: optionOf.milliseconds }

/** Refuse what is malformed. */
export const checkState = {
  state: (options: StateOptions) => checkCallOptions(options, callChecks),
  start: (options: StartOptions) =>
    checkCallOptions<StartOptions>(options, {
      ...callChecks,
      wait: optionOf.boolean,
      waitTimeoutMs: optionOf.milliseconds,
    }),
  stop: (options: StopServicesOptions) => checkCallOptions(options, stopChecks),
  restart: (options: RestartOptions) =>
    checkCallOptions<RestartOptions>(options, { ...stopChecks, noDeps: optionOf.boolean }),
  kill: (options: KillOptions) => checkCallOptions<KillOptions>(options, { ...callChecks, stopSignal: optionOf.text }),
  remove: (options: RmOptions) =>
    checkCallOptions<RmOptions>(options, { ...stopChecks, stop: optionOf.boolean, volumes: optionOf.boolean }),
  scale: (options: ScaleOptions) =>
    checkCallOptions<ScaleOptions>(options, { ...callChecks, noDeps: optionOf.boolean, detached: optionOf.boolean }),
} as const
