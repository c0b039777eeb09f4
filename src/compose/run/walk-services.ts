// SPDX-License-Identifier: Apache-2.0
import type { ServiceModel } from '../model/service-model.js'
import { dependenciesOf, dependentsOf } from '../plan/service-graph.js'

/** In which order. */
export type WalkOrder = 'dependencies first' | 'dependents first'

/**
 * Does something for each of these services, what does not depend on each other at the same time. A failure keeps back none of the others: it is
 * thrown when all are done.
 */
export async function walkServices(
  names: Iterable<string>,
  { services, order }: { readonly services: Readonly<Record<string, ServiceModel>>; readonly order: WalkOrder },
  work: (name: string) => Promise<void>,
): Promise<void> {
  const before = order === 'dependencies first' ? dependenciesOf : dependentsOf
  const wanted = new Set(names)
  const works = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const of = (name: string): Promise<void> => {
    const known = works.get(name) ?? begin(name)
    works.set(name, known)
    return known
  }
  // Services that are left out still stand between others.
  const begin = async (name: string): Promise<void> => {
    await Promise.all(before(services, name).map(of))
    if (wanted.has(name)) await work(name).catch((error: unknown) => void failures.push(error))
  }
  await Promise.all([...wanted].map(of))
  if (failures.length > 0) throw failures[0]
}
