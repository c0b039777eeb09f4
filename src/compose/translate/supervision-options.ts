// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, RestartPolicy } from 'tscontainer'
import type { HealthcheckModel } from '../model/service-parts.js'
import { durationMs } from './duration-ms.js'
import type { Translation } from './translation.js'

/** How one knows that it is well, and when it is started again. */
export function supervisionOptions(translation: Translation): ContainerOptions {
  const { healthcheck } = translation.model
  const restart = restartOf(translation)
  return {
    ...(healthcheck && { healthcheck: healthcheckOf(healthcheck) }),
    ...(restart !== undefined && { restart }),
  }
}

function healthcheckOf(check: HealthcheckModel): NonNullable<ContainerOptions['healthcheck']> {
  const { test, disable, retries } = check
  if (disable || test?.[0] === 'NONE') return false
  const options = {
    test: test && test.length > 0 ? test : undefined,
    intervalMs: durationMs(check.interval),
    timeoutMs: durationMs(check.timeout),
    startPeriodMs: durationMs(check.start_period),
    startIntervalMs: durationMs(check.start_interval),
    retries,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

const conditions: Readonly<Record<string, RestartPolicy>> = {
  none: 'no',
  no: 'no',
  'on-failure': 'on-failure',
  any: 'always',
  always: 'always',
  'unless-stopped': 'unless-stopped',
}

// That of `deploy` wins, as in Docker Compose.
function restartOf({ model, request, reporter }: Translation): RestartPolicy | undefined {
  const { restart_policy: policy } = model.deploy ?? {}
  if (request.oneoff) return request.overrides?.restart as RestartPolicy | undefined
  if (policy === undefined) return (model.restart || undefined) as RestartPolicy | undefined
  const path = ['deploy', 'restart_policy']
  for (const key of ['delay', 'window'] as const)
    if (policy[key] !== undefined) reporter.report([...path, key], 'the engine waits longer each time, from 100 ms on')
  const { condition = 'any', max_attempts: attempts } = policy
  const known = Object.hasOwn(conditions, condition) ? conditions[condition] : undefined
  const restart = known ?? reporter.refuse([...path, 'condition'], `'${condition}' is no condition`)
  if (attempts === undefined || attempts === 0) return restart
  if (restart === 'on-failure') return `on-failure:${attempts}`
  reporter.report([...path, 'max_attempts'], 'attempts are only counted with the condition on-failure')
  return restart
}
