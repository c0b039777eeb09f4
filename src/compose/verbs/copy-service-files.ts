// SPDX-License-Identifier: Apache-2.0
import type { ByteStream, CopyInOptions, CopyOptions } from 'tscontainer'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { check } from '../../util/validate.js'
import { findContainers } from '../run/project-containers.js'
import type { RunningProject } from '../run/running-project.js'
import { findServiceContainer } from './find-service-container.js'
import { checkService } from './service-choice.js'

/** How to copy into or out of containers of a service. */
export interface ServiceCopyOptions extends CopyInOptions {
  /** The container's number, from 1; by default out of the lowest one, and into all. */
  readonly index?: number | undefined
}

/** A place in the containers of a service: `'web:/srv'`. */
export type ServicePath = `${string}:${string}`

interface Place {
  readonly service: string
  readonly path: string
}

/**
 * Copies `from` one place `to` another, one of which is in a service's containers (`'web:/srv'`), the other a path of the host, or a tar's stream
 * that is unpacked there. What is copied and how is that of `copyIn` and `copyOut` of containers; containers may be stopped.
 * ERR_CONTAINER_NOT_FOUND, ERR_INVALID_ARGUMENT.
 */
export async function copyServiceFiles(
  project: RunningProject,
  from: string | ServicePath | ByteStream,
  to: string | ServicePath,
  options: ServiceCopyOptions = {},
): Promise<void> {
  const [source, target] = [typeof from === 'string' ? placeOf(from) : undefined, placeOf(to)]
  if ((source === undefined) === (target === undefined))
    throw invalidArgument(
      source ? 'to' : 'from',
      'one of both places has to be in a service, and the other not',
      "write the one in the service as 'service:/path'",
    )
  const { index, ...how } = options
  if (index !== undefined) check.integer({ min: 1 })(index, 'index')
  if (source) return await copyOut(project, source, to, { index, ...how })
  if (target) await copyIn(project, from, target, options)
}

async function copyOut(
  project: RunningProject,
  { service, path }: Place,
  to: string,
  { index, owner, mode, ...how }: ServiceCopyOptions,
): Promise<void> {
  for (const [option, value] of Object.entries({ owner, mode }))
    if (value !== undefined) throw invalidArgument(option, 'means nothing for what comes out of a container')
  const options: CopyOptions = how
  const { container } = await findServiceContainer(project, service, { index, all: true, signal: how.signal })
  await container.fs.copyOut(path, to, options)
}

async function copyIn(
  project: RunningProject,
  from: string | ByteStream,
  { service, path }: Place,
  { index, ...how }: ServiceCopyOptions,
): Promise<void> {
  // A stream can be read once.
  if (typeof from !== 'string' || index !== undefined) {
    const { container } = await findServiceContainer(project, service, { index, all: true, signal: how.signal })
    return await container.fs.copyIn(from, path, how)
  }
  const found = await findContainers(project, { services: [service], all: true, signal: how.signal })
  checkService(project, service, 'to', found)
  if (found.length === 0) await findServiceContainer(project, service, { all: true })
  await Promise.all(found.map(({ container }) => container.fs.copyIn(from, path, how)))
}

// What begins as a path of the host does is one, whatever colons come after.
function placeOf(text: string): Place | undefined {
  if (typeof text !== 'string' || text === '') throw invalidArgument('from', `expected a path, got ${quoted(text)}`)
  const colon = text.indexOf(':')
  if (/^[./~]/.test(text) || colon < 1) return undefined
  const path = text.slice(colon + 1)
  return { service: text.slice(0, colon), path: path.startsWith('/') ? path : `/${path}` }
}
