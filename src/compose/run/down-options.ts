// SPDX-License-Identifier: Apache-2.0
import { checkCallOptions, type OptionChecks, oneOf, optionOf } from './check-options.js'
import { callChecks, type ProjectCallOptions } from './up-options.js'

/** What goes with a project's containers. */
export interface DownOptions extends ProjectCallOptions {
  /** Also its volumes, those without a name too; external ones stay. False by default. */
  readonly volumes?: boolean | undefined
  /** Also the images of its services: `local`, those that were named by the project; `all`. None by default. */
  readonly images?: 'local' | 'all' | undefined
  /** Also containers of services that the project has no more. */
  readonly removeOrphans?: boolean | undefined
  /** How long containers have between being asked to stop and being killed, in place of their own grace period. */
  readonly timeoutMs?: number | undefined
}

const checks: OptionChecks<DownOptions> = {
  ...callChecks,
  volumes: optionOf.boolean,
  images: oneOf('local', 'all'),
  removeOrphans: optionOf.boolean,
  timeoutMs: optionOf.milliseconds,
}

/** Refuses what is malformed. */
export const checkDownOptions = (options: DownOptions): void => checkCallOptions(options, checks)
