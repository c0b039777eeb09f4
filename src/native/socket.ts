// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net'
import type { OwnedDescriptor } from './descriptor.js'

/** A connected socket as one of Node's, to which it belongs from now on. As any of them it keeps the process alive until it is closed. */
export function createSocket(descriptor: OwnedDescriptor): Socket {
  return new Socket({ fd: descriptor.take(), readable: true, writable: true })
}
