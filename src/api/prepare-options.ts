// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { checkContainerOptions, checkRestartOfMortals } from '../runtime/check-container-options.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { ExecOptions } from '../runtime/exec-options.js'
import type { EngineDefaults } from './engine-options.js'

/** Options over the engine's, checked; variables and labels are merged. Refused ones have done nothing. */
export function prepareOptions(defaults: EngineDefaults, options: ContainerOptions): ContainerOptions {
  checkContainerOptions(options)
  const merged: ContainerOptions = {
    ...defaults,
    ...options,
    ...(defaults.env && { env: { ...defaults.env, ...options.env } }),
    ...(defaults.labels && { labels: { ...defaults.labels, ...options.labels } }),
  }
  checkRestartOfMortals(merged)
  return merged
}

const execKeys = [
  'stdin',
  'tty',
  'timeoutMs',
  'killGraceMs',
  'check',
  'buffer',
  'maxBuffer',
  'encoding',
  'stdout',
  'stderr',
] as const

/** What a one-shot takes: the options of its container, and those of its command. */
export type RunOnceOptions = Omit<
  ContainerOptions,
  'stdin' | 'tty' | 'command' | 'idle' | 'detached' | 'autoRemove' | 'ready' | 'restart' | 'idleTimeoutMs'
> &
  Pick<ExecOptions, (typeof execKeys)[number]>

/** The options of the one and of the other. */
export function splitRunOnce(options: RunOnceOptions): {
  readonly execOptions: ExecOptions
  readonly containerOptions: ContainerOptions
} {
  for (const key of ['command', 'idle', 'detached', 'autoRemove', 'ready', 'restart', 'idleTimeoutMs']) {
    if (Object.hasOwn(options, key)) throw invalidArgument(key, 'has no meaning for a command that runs once')
  }
  const isExec = (key: string) => (execKeys as readonly string[]).includes(key)
  const entries = Object.entries(options)
  return {
    // Its container goes with it: there is nothing that could be left running.
    execOptions: {
      ...Object.fromEntries(entries.filter(([key]) => isExec(key))),
      detachKeys: '',
      signal: options.signal,
    },
    containerOptions: Object.fromEntries(entries.filter(([key]) => !isExec(key))),
  }
}
