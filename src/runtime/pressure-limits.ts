// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { PressureTrigger } from '../native/stats-message.js'
import { type Check, check } from '../util/validate.js'
import type { PressureLimit } from './container-option-parts.js'
import type { HostFacts } from './host-facts.js'

const defaultWindowMs = 2000

const one = check.object<PressureLimit>({
  resource: check.required(check.oneOf('cpu', 'memory', 'io')),
  kind: check.oneOf('some', 'full'),
  stallMs: check.required(check.integer({ min: 1, max: 10_000 })),
  windowMs: check.integer({ min: 500, max: 10_000 }),
})

/** What the kernel itself would refuse, but by name. */
export const checkPressure: Check = (value, option) => {
  check.arrayOf(one, 16)(value, option)
  for (const [index, { stallMs, windowMs = defaultWindowMs }] of (value as readonly PressureLimit[]).entries()) {
    if (stallMs > windowMs)
      throw invalidArgument(`${option}[${index}].stallMs`, `is longer than its window of ${windowMs} ms`)
  }
}

/** The triggers as the supervisor takes them. */
export function pressureTriggers(
  limits: readonly PressureLimit[] | undefined,
  { controllers, reasons }: Pick<HostFacts, 'controllers' | 'reasons'>,
): readonly PressureTrigger[] | undefined {
  if (limits === undefined || limits.length === 0) return undefined
  if (!controllers.includes('pressure')) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: 'pressure: this host does not measure it for a container',
      option: 'pressure',
      hint: reasons.pressure ?? reasons[''] ?? 'Engine.probe() says what is missing and how to get it',
    })
  }
  return limits.map(({ resource, kind = 'some', stallMs, windowMs = defaultWindowMs }) => ({
    resource,
    kind,
    stallMs,
    windowMs,
  }))
}
