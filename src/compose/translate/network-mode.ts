// SPDX-License-Identifier: Apache-2.0
import type { NetworkModel } from '../model/project-model.js'

/** Docker's `host` and `none` are networks that are there: who names them as external ones means no network of the engine's. */
export function networkMode(network: NetworkModel | undefined): 'host' | 'none' | undefined {
  const { external, name, driver } = network ?? {}
  const meant = external ? name : driver
  return meant === 'host' || meant === 'none' ? meant : undefined
}
