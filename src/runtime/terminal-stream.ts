// SPDX-License-Identifier: Apache-2.0
import { ReadStream } from 'node:tty'
import type { OwnedDescriptor } from '../native/descriptor.js'

/** Our side of a process's terminal: what it writes can be read, what is written is its input. Ends when the process does. */
export function openTerminal(master: OwnedDescriptor): ReadStream {
  const stream = new ReadStream(master.take())
  // The last process that had the other side is gone: to the kernel an error, here the end.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') stream.push(null)
  })
  return stream
}
