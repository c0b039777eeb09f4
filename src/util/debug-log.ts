// SPDX-License-Identifier: Apache-2.0
import { debuglog } from 'node:util'

/** Writes a line to standard error when NODE_DEBUG contains `tscontainer`; costs nothing otherwise. */
export const debugLog: (format: string, ...values: unknown[]) => void = debuglog('tscontainer')
