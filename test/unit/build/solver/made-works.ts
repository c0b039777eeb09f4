// SPDX-License-Identifier: Apache-2.0

import { type SolveOptions, solve } from '../../../../src/build/solver/solve.js'
import type { BuiltLayer, Root, Work, WorkCache, WorkEvent, WorkRecord } from '../../../../src/build/solver/work.js'
import { digestOf } from '../../../../src/oci/digest.js'

/** The layer of that content. */
export const layerOf = (content: string): BuiltLayer => ({ diffId: digestOf(content), sizeBytes: content.length })

/** What a work of the test does. */
export interface Making {
  readonly name: string
  readonly base?: Work
  readonly sources?: readonly Work[]
  readonly kind?: Work['kind']
  readonly fresh?: boolean
  /** What it makes; its name by default. */
  readonly makes?: () => string
  /** What it finds outside of the graph. */
  readonly outside?: () => string
  /** What it finds in its sources. */
  readonly finds?: (sources: readonly Root[]) => string
  readonly waits?: (signal: AbortSignal) => Promise<unknown>
}

/** A work that writes its name into the log when it is done. */
export const makeWork = (log: string[], { name, makes = () => name, ...making }: Making): Work => ({
  name,
  definition: digestOf(name),
  base: making.base ?? null,
  sources: making.sources ?? [],
  kind: making.kind ?? 'layer',
  fresh: making.fresh,
  lookOutside: making.outside && (async () => digestOf(making.outside!())),
  look: making.finds && (async (sources) => digestOf(making.finds!(sources))),
  run: async ({ signal }) => {
    log.push(`${name} begins`)
    await making.waits?.(signal)
    log.push(name)
    return [layerOf(makes())]
  },
})

/** A cache in memory; `forget` evicts what has that name. */
export const makeCache = () => {
  const aliases = new Map<string, WorkRecord['key']>()
  const records = new Map<string, WorkRecord>()
  const cache: WorkCache & { forget(name: string): void } = {
    alias: async ({ digest }) => {
      const key = aliases.get(digest)
      return key && { digest: key }
    },
    setAlias: async ({ digest }, key) => void aliases.set(digest, key),
    get: async ({ digest }) => records.get(digest),
    put: async (record) => void records.set(record.key, record),
    alone: (_key, _signal, work) => work(),
    forget: (name) => {
      for (const record of records.values()) if (record.name === name) records.delete(record.key)
    },
  }
  return cache
}

/** Solves, and what was told. */
export const solveAll = async (
  targets: readonly Work[],
  options: Omit<SolveOptions, 'onEvent'>,
): Promise<{ readonly roots: readonly Root[]; readonly told: readonly string[] }> => {
  const told: string[] = []
  const onEvent = ({ type, work }: WorkEvent) => told.push(`${type} ${work.name}`)
  return { roots: await solve(targets, { ...options, onEvent }), told }
}
