// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from '../../../src/index.js'
import { isolationRows } from './isolation-rows.js'
import { limitRows } from './limit-rows.js'
import { networkRows } from './network-rows.js'
import type { OptionRow } from './option-row.js'
import { processRows } from './process-rows.js'
import { supervisionRows } from './supervision-rows.js'

/** One row for each option: the meta-test fails when one is missing. */
export const optionRows: { readonly [K in keyof Required<ContainerOptions>]: OptionRow } = {
  ...processRows,
  ...supervisionRows,
  ...limitRows,
  ...isolationRows,
  ...networkRows,
}
