// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { OwnedDescriptor } from './descriptor.js'

/**
 * What a process reads from a pipe, as a stream to write to. Fails with EPIPE once nobody can read it any more.
 * Does not keep the process alive by itself; what is still to be written does.
 */
export function createInput(writeEnd: OwnedDescriptor): Writable {
  const socket = new Socket({ fd: writeEnd.take(), readable: false, writable: true })
  return socket
}
