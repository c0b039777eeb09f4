// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Connection } from '../native/connection.js'
import type { ContainerContext } from './container-context.js'

const attempts = 5

/**
 * The connection to the monitor of a detached container, which is made where there is none. One that nobody has asked for anything leaves after half a
 * second: on a busy machine that may be before we come to it, and then it is made anew.
 */
export async function linkToMonitor(
  context: ContainerContext,
  supervisor: Connection,
  container: string,
): Promise<Connection> {
  for (let attempt = 1; ; attempt++) {
    const { result } = await supervisor.request('monitor', { container })
    try {
      return await context.monitor(result.socket)
    } catch (error) {
      if (!EngineError.is(error, 'ERR_SUPERVISOR_LOST') || attempt === attempts) throw error
    }
  }
}
