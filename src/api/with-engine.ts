// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { Engine } from './engine.js'

/** Options of a call that can name an engine; the default one otherwise. */
export type WithEngine<T> = T & {
  /** Which engine to use; {@link Engine.default} by default. */
  readonly engine?: Engine | undefined
}

/** The engine, and the other options. */
export function splitEngine<T extends object>(options: WithEngine<T>): { readonly engine: Engine; readonly rest: T } {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidArgument('options', `expected an object, got ${quoted(options)}`)
  const { engine, ...rest } = options
  if (engine !== undefined && !(engine instanceof Engine))
    throw invalidArgument('engine', `expected an Engine, got ${quoted(engine)}`)
  return { engine: engine ?? Engine.default, rest: rest as unknown as T }
}
