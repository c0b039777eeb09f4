// SPDX-License-Identifier: Apache-2.0
import type { PropertyRows } from './property-row.js'
import { buildRows } from './rows/build-rows.js'
import { isolationRows } from './rows/isolation-rows.js'
import { limitRows } from './rows/limit-rows.js'
import { processRows } from './rows/process-rows.js'
import { projectRows } from './rows/project-rows.js'
import { networkRows, reachRows } from './rows/reach-rows.js'

const ofServices = (rows: PropertyRows): PropertyRows =>
  Object.fromEntries(Object.entries(rows).map(([property, row]) => [`services.*.${property}`, row]))

/** One row for each property of the specification. */
export const propertyRows: PropertyRows = {
  ...projectRows,
  ...networkRows,
  ...ofServices({ ...processRows, ...limitRows, ...isolationRows, ...reachRows, ...buildRows }),
}
