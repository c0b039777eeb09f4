// SPDX-License-Identifier: Apache-2.0
import { ReadStream } from 'node:tty'
import type { OwnedDescriptor } from '../native/descriptor.js'
import { resizeTerminal } from '../native/resize-terminal.js'
import type { TerminalSize } from './container-option-parts.js'

/** Our side of a process's terminal. */
export interface Terminal {
  /** What the process writes can be read, what is written is its input. Ends when the process does. */
  readonly stream: ReadStream
  resize(size: TerminalSize): void
}

/** Takes over the master of a terminal. */
export function openTerminal(master: OwnedDescriptor): Terminal {
  const fd = master.take()
  const stream = new ReadStream(fd)
  // The last process that had the other side is gone: to the kernel an error, here the end.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') stream.push(null)
  })
  const resize = (size: TerminalSize) => {
    if (!stream.destroyed) resizeTerminal(fd, size)
  }
  return { stream, resize }
}
