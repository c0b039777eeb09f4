// SPDX-License-Identifier: Apache-2.0
import { parseDurationMs } from '../../util/duration.js'
import type { UpdateModel } from '../model/deploy-model.js'

/** How containers of a service are replaced, a group at a time. */
export interface RollingPolicy {
  /** How many at the same time. */
  readonly parallelism: number
  /** Between two groups. */
  readonly delayMs: number
  readonly order: 'start-first' | 'stop-first'
  readonly onFailure: 'continue' | 'pause' | 'rollback'
  /** How long a new one is watched once it is healthy. */
  readonly monitorMs: number
  /** How large a part of all may fail. */
  readonly maxFailureRatio: number
}

const actions = ['continue', 'pause', 'rollback'] as const

/** What `update_config` or `rollback_config` says, with the defaults of the Compose deploy specification. */
export function rollingPolicy(config: UpdateModel = {}): RollingPolicy {
  const { parallelism = 1, delay = '0s', order = 'stop-first', failure_action, monitor = '0s' } = config
  return {
    parallelism: parallelism === 0 ? Number.POSITIVE_INFINITY : parallelism,
    delayMs: parseDurationMs(delay, 'delay'),
    order,
    onFailure: actions.find((action) => action === failure_action) ?? 'pause',
    monitorMs: parseDurationMs(monitor, 'monitor'),
    maxFailureRatio: config.max_failure_ratio ?? 0,
  }
}
