// SPDX-License-Identifier: Apache-2.0
import type { SupervisionArguments } from '../native/create-message.js'
import type { ImageConfig } from '../oci/image-config.js'
import type { ContainerOptions } from './container-options.js'
import { healthOf } from './healthcheck.js'
import type { ExecTemplate } from './process-spec.js'
import { restartMessage } from './restart-policy.js'

/** What the supervisor does with a container while nobody asks; what is not wanted is not there. */
export function supervisionOf(
  options: Pick<ContainerOptions, 'restart' | 'healthcheck' | 'idleTimeoutMs' | 'maxLifetimeMs'>,
  config: ImageConfig,
  template: ExecTemplate,
): SupervisionArguments {
  const { restart = 'no', healthcheck, idleTimeoutMs, maxLifetimeMs } = options
  const health = healthOf(healthcheck, config, template)
  return {
    ...(restart !== 'no' && { restart: restartMessage(restart) }),
    ...(health && { health }),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs: Math.ceil(idleTimeoutMs) }),
    ...(maxLifetimeMs !== undefined && { maxLifetimeMs: Math.ceil(maxLifetimeMs) }),
  }
}
