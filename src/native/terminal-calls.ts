// SPDX-License-Identifier: Apache-2.0
import { addon } from './addon.js'
import { nativeCall } from './native-call.js'

/** Sets the size of a terminal, by its master. */
export function resizeTerminal(master: number, size: { readonly columns: number; readonly rows: number }): void {
  nativeCall(() => addon().resizeTerminal(master, size.columns, size.rows))
}

/** Types the end-of-file character of a terminal that reads by lines; in the middle of a line it takes two. */
export function endTerminalInput(master: number, inLine: boolean): void {
  addon().endTerminalInput(master, inLine)
}
