// SPDX-License-Identifier: Apache-2.0

import { invalidArgument } from '../../errors/invalid-argument.js'
import { beginOperation } from '../../image/progress-operation.js'
import { delay } from '../../util/delay.js'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import { findContainers } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { checkService } from '../verbs/service-choice.js'
import { AutoscalePolicy } from './autoscale-policy.js'
import { CpuMeter } from './cpu-meter.js'

/** Between how many containers a service has, and by what. */
export interface AutoscaleOptions {
  /** At least 1. */
  readonly min: number
  /** At least `min`. */
  readonly max: number
  /** Percent that each container is to use of what it may: its limit of processors, else all of one. */
  readonly cpu: number
  /** How often it is measured; 5000 by default. */
  readonly intervalMs?: number | undefined
  /** For how long fewer have to have been enough before one goes; 60,000 by default. */
  readonly cooldownMs?: number | undefined
  /** Aborted: it ends, the containers stay, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const autoscaleShape: Shape<AutoscaleOptions> = {
  min: check.required(check.integer({ min: 1 })),
  max: check.required(check.integer({ min: 1 })),
  cpu: check.required(check.number({ min: 1 })),
  intervalMs: check.integer({ min: 100, max: 2 ** 31 - 1 }),
  cooldownMs: check.timeoutMs,
  signal: check.signal,
}

/** What is told of it. */
export type AutoscaleEvent =
  | {
      /** After each measurement. */
      readonly type: 'measured'
      /** How many run. */
      readonly containers: number
      /** On average; null while there are ones that were not measured before. */
      readonly cpuPercent: number | null
    }
  | {
      /** There are more now, or fewer. */
      readonly type: 'scaled'
      /** How many ran. */
      readonly from: number
      /** How many run. */
      readonly to: number
      /** That it was for; null: there were fewer than `min` or more than `max`. */
      readonly cpuPercent: number | null
      /** Milliseconds that it took. */
      readonly durationMs: number
    }
  | {
      /** It could not be measured or scaled. The next measurement is the next try. */
      readonly type: 'failed'
      /** Why. */
      readonly error: unknown
    }

/** Goes on from the call until its signal aborts: a promise that never resolves, and a loop over what happens. */
export interface Autoscaling extends Promise<never>, AsyncIterable<AutoscaleEvent> {}

/** How a service gets another number of containers. */
export type ScaleTool = (service: string, count: number, signal: AbortSignal | undefined) => Promise<void>

/** Gives a service as many containers as its load wants. */
export function autoscaleService(
  project: RunningProject,
  service: string,
  { scale, options }: { readonly scale: ScaleTool; readonly options: AutoscaleOptions },
): Autoscaling {
  checkOptions<AutoscaleOptions>(options, autoscaleShape)
  const { min, max, cpu, intervalMs = 5000, cooldownMs = 60_000, signal } = options
  if (max < min) throw invalidArgument('max', `is below min: ${max} < ${min}`)
  checkService(project, service)
  const model = project.model.services[service] ?? {}
  if (max > 1 && model.container_name !== undefined)
    throw invalidArgument('max', `service '${service}' has a container_name, which is for one container`)
  const policy = new AutoscalePolicy({ min, max, cpu, cooldownMs })
  const meter = new CpuMeter(model)
  return beginOperation<never, AutoscaleEvent>(async (report) => {
    let count = 0
    const tell = (event: AutoscaleEvent) => report(event.type === 'measured' ? 'measured' : `event ${count++}`, event)
    for (;;) {
      try {
        const running = await findContainers(project, { services: [service], signal })
        const cpuPercent = await meter.measure(
          running.map(({ container }) => container),
          signal,
        )
        tell({ type: 'measured', containers: running.length, cpuPercent })
        const wanted = policy.decide(performance.now(), running.length, cpuPercent)
        if (wanted !== running.length) {
          const began = performance.now()
          await scale(service, wanted, signal)
          tell({ type: 'scaled', from: running.length, to: wanted, cpuPercent, durationMs: performance.now() - began })
        }
      } catch (error) {
        signal?.throwIfAborted()
        tell({ type: 'failed', error })
      }
      await delay(intervalMs, signal)
    }
  })
}
