// SPDX-License-Identifier: Apache-2.0
import type { Protocol, PublishedPort } from 'tscontainer'
import { EngineError } from 'tscontainer'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { RunningProject } from '../run/running-project.js'
import { type ContainerChoice, containerChoiceShape, findServiceContainer } from './find-service-container.js'

/** Which port. */
export interface PortOptions extends ContainerChoice {
  /** `tcp` by default. */
  readonly protocol?: Protocol | undefined
}

export const portShape: Shape<PortOptions> = {
  ...containerChoiceShape,
  protocol: check.oneOf('tcp', 'udp', 'sctp'),
}

/** Where on the host a port of a service is reached. ERR_PORT_NOT_PUBLISHED, ERR_CONTAINER_NOT_FOUND. */
export async function servicePort(
  project: RunningProject,
  service: string,
  port: number,
  options: PortOptions = {},
): Promise<PublishedPort> {
  checkOptions<PortOptions>(options, portShape)
  check.integer({ min: 1, max: 65_535 })(port, 'port')
  const { protocol = 'tcp', ...choice } = options
  const { container } = await findServiceContainer(project, service, choice)
  const found = container.ports.find((one) => one.container === port && one.protocol === protocol)
  if (found) return found
  const others = container.ports.map((one) => `${one.container}/${one.protocol}`).join(', ')
  throw new EngineError({
    code: 'ERR_PORT_NOT_PUBLISHED',
    message: `port ${port}/${protocol} of service '${service}' is not published`,
    object: `${port}/${protocol}`,
    hint: others === '' ? `give the service ports: ['${port}']` : `published are: ${others}`,
  })
}
