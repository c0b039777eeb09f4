// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net'
import { EngineError } from '../../errors/engine-error.js'
import type { ReadyPortOptions } from '../../runtime/ready-options.js'
import { dialContainer } from '../dial-container.js'
import { attempts, notRunning, type Wait } from './wait.js'

const dialMs = 5000

/** A connection, or what is in the way of one. */
export async function tryToDial(
  { subject, signal }: Wait,
  port: number,
  { host }: ReadyPortOptions,
): Promise<Socket | string> {
  try {
    return await dialContainer(subject, port, { host, signal, timeoutMs: dialMs })
  } catch (error) {
    if (EngineError.is(error, 'ERR_DIAL_REFUSED')) return error.errno ?? 'refused'
    if (EngineError.is(error, 'ERR_TIMEOUT')) return 'takes no connection'
    return notRunning(error)
  }
}

export async function waitForPort(wait: Wait, port: number, options: ReadyPortOptions): Promise<void> {
  await attempts(wait, async () => {
    const socket = await tryToDial(wait, port, options)
    if (typeof socket === 'string') return socket
    socket.destroy()
    return undefined
  })
}
