// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { RunVertex } from '../graph/vertex.js'
import type { RunOptions } from './run-surroundings.js'

/** Refuses what a Dockerfile may not have, or not without its builder's word. */
export function refuseRun({ security, devices, network }: RunVertex, options: RunOptions): void {
  if (security === 'insecure')
    throw unsupported('RUN --security=insecure', 'run it in a container with privileged: true')
  if (devices.length > 0) throw unsupported('RUN --device', 'run it in a container with devices')
  if (network === 'host' && options.network !== 'host') {
    throw new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: "RUN --network=host is not allowed: the host's network is the builder's to give",
      option: 'network',
      hint: "build with network: 'host'",
    })
  }
}

function unsupported(what: string, hint: string): EngineError {
  return new EngineError({ code: 'ERR_UNSUPPORTED', message: `${what} is not supported`, hint })
}
