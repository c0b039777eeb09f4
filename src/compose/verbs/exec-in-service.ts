// SPDX-License-Identifier: Apache-2.0
import { Container, type ExecOptions, type Execution } from 'tscontainer'
import { check } from '../../util/validate.js'
import type { RunningProject } from '../run/running-project.js'
import { findServiceContainer } from './find-service-container.js'

/** How a command is run in a container of a service. */
export interface ServiceExecOptions extends ExecOptions {
  /** The container's number, from 1; by default the lowest one that runs. */
  readonly index?: number | undefined
  /** As for a command in one container: nothing by default; `'pipe'`, `'inherit'`, a text, bytes, a stream or a descriptor. */
  readonly stdin?: ExecOptions['stdin']
}

/** Options under which the result has Uint8Arrays. */
export type BytesServiceExecOptions = ServiceExecOptions & {
  /** What makes the difference. */
  readonly encoding: 'bytes'
}

/**
 * Runs a command in a container of a service. Malformed arguments throw at once; that there is none is told by the promise:
 * ERR_CONTAINER_NOT_FOUND, or ERR_INVALID_ARGUMENT for what is no service.
 */
export function execInService(
  project: RunningProject,
  service: string,
  argv: readonly string[],
  { index, ...options }: ServiceExecOptions = {},
): Execution & Execution<Uint8Array> {
  if (index !== undefined) check.integer({ min: 1 })(index, 'index')
  const choice = { index, signal: options.signal }
  const find = async () => (await findServiceContainer(project, service, choice)).container
  return Container.execWhenFound(find, argv, options)
}
