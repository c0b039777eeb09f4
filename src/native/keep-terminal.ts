// SPDX-License-Identifier: Apache-2.0
import { addon } from './addon.js'
import type { Connection } from './connection.js'
import { nativeCall } from './native-call.js'

/**
 * Before this process makes its terminal raw: the other side of the connection keeps what it is like now, and gives that back when the
 * connection ends, as it does when this process is killed. Returns how to end that.
 */
export function keepTerminal(connection: Connection, terminal: number): () => void {
  const settings = nativeCall(() => addon().terminalSettings(terminal))
  tell(connection, 'terminal.keep', { settings }, [terminal])
  return () => tell(connection, 'terminal.drop', {}, [])
}

// Nothing depends on the answer: without a connection there is nobody who could do it.
function tell(
  connection: Connection,
  op: 'terminal.keep' | 'terminal.drop',
  args: { readonly settings: readonly number[] } | Record<string, never>,
  fds: readonly number[],
): void {
  connection.request(op, args as never, { fds, ref: false }).catch(() => {})
}
