// SPDX-License-Identifier: Apache-2.0
import { addon } from './addon.js'
import { nativeCall } from './native-call.js'

/** Sets the size of a terminal, by its master. */
export function resizeTerminal(master: number, size: { readonly columns: number; readonly rows: number }): void {
  nativeCall(() => addon().resizeTerminal(master, size.columns, size.rows))
}
