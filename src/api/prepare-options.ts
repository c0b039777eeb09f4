// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import {
  checkContainerOptions,
  checkRestartOfMortals,
  containerOptionShape,
} from '../runtime/check-container-options.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { ExecOptions } from '../runtime/exec-options.js'
import { ownOptions, setKind } from '../runtime/option-kinds.js'
import { isCopyOf, plainCopy } from '../util/plain-data.js'
import type { EngineDefaults } from './engine-options.js'

interface PreparedKind {
  readonly defaults: EngineDefaults
  /** Without what is a container's own. */
  readonly given: ContainerOptions
  readonly merged: ContainerOptions
}

// Those that were used last, the very last first: programs make many containers of a few kinds.
const prepared: PreparedKind[] = []
const maxPrepared = 8
const own: ReadonlySet<string> = new Set(ownOptions)

/** Options over the engine's, checked; variables and labels are merged. Refused ones have done nothing. */
export function prepareOptions(defaults: EngineDefaults, options: ContainerOptions): ContainerOptions {
  const at = prepared.findIndex((kind) => isCopyOf(kind.given, options, own) && isCopyOf(kind.defaults, defaults))
  const known = prepared[at]
  if (known === undefined) return prepareNew(defaults, options)
  if (at > 0) prepared.unshift(...prepared.splice(at, 1))
  return withOwn(known.merged, options)
}

function prepareNew(defaults: EngineDefaults, options: ContainerOptions): ContainerOptions {
  checkContainerOptions(options)
  const given = plainCopy(Object.fromEntries(Object.entries(options).filter(([key]) => !own.has(key))))
  const copyOfDefaults = given && plainCopy(defaults)
  if (!copyOfDefaults) return merge(defaults, options)
  const merged = Object.freeze(merge(copyOfDefaults, given))
  setKind(merged, merged)
  prepared.unshift({ defaults: copyOfDefaults, given, merged })
  prepared.length = Math.min(prepared.length, maxPrepared)
  return withOwn(merged, options)
}

function merge(defaults: EngineDefaults, options: ContainerOptions): ContainerOptions {
  const merged: ContainerOptions = {
    ...defaults,
    ...options,
    ...(defaults.env && { env: { ...defaults.env, ...options.env } }),
    ...(defaults.labels && { labels: { ...defaults.labels, ...options.labels } }),
  }
  checkRestartOfMortals(merged)
  return merged
}

function withOwn(kind: ContainerOptions, options: ContainerOptions): ContainerOptions {
  let result: ContainerOptions = kind
  for (const key of Object.keys(options)) {
    if (!own.has(key)) continue
    const value: unknown = Reflect.get(options, key)
    if (value !== undefined) containerOptionShape[key as (typeof ownOptions)[number]](value, key)
    result = { ...result, [key]: value }
  }
  if (result !== kind) setKind(result, kind)
  return result
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
