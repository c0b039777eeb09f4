// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import { durationMs } from './duration-ms.js'
import type { Translation } from './translation.js'

/**
 * What runs in it, and how it is asked to end. Compose's rule holds for `init`: the command is the first process unless the service wants
 * another one before it.
 */
export function processOptions({ model }: Translation): ContainerOptions {
  const { command, entrypoint, user, working_dir: workdir, group_add: groups, environment } = model
  const { hostname, domainname, stop_signal: stopSignal, stop_grace_period: grace } = model
  return {
    ...(command && { command }),
    ...(entrypoint && { entrypoint }),
    ...(environment && { env: environment }),
    ...(user ? { user } : {}),
    ...(groups && { groupAdd: groups }),
    ...(workdir ? { workdir } : {}),
    ...(hostname && { hostname }),
    ...(domainname && { domainname }),
    init: model.init ?? false,
    ...(model.tty && { tty: true }),
    ...(model.stdin_open && { stdin: 'pipe' }),
    ...(stopSignal && { stopSignal }),
    ...(grace !== undefined && { stopTimeoutMs: durationMs(grace) }),
  }
}
