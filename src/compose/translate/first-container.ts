// SPDX-License-Identifier: Apache-2.0
import type { Container } from 'tscontainer'
import type { Path } from '../document/path.js'
import type { Translation } from './translation.js'

/** The container of another service that a service shares something with. */
export function firstContainer({ resources, reporter }: Translation, service: string, path: Path): Container {
  const [container] = resources.containers.get(service) ?? []
  return container ?? reporter.refuse(path, `the service '${service}' has no container`, 'start that one too')
}
