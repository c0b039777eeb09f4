// SPDX-License-Identifier: Apache-2.0
import {
  type ContainerApi,
  type ContainerFilter,
  type ContainerHandle,
  type ContainerOptions,
  EngineError,
} from 'tscontainer'
import { checkContainerOptions } from '../runtime/check-container-options.js'
import { randomName } from '../util/object-name.js'
import { FakeContainer } from './fake-container.js'
import type { FakeImage } from './fake-image.js'

/** What a container was asked for with. */
export interface MadeContainer {
  /** The name of its image. */
  readonly image: string
  /** As they were given. */
  readonly options: ContainerOptions
}

/** An engine of which nothing runs, for tests of code that takes a {@link ContainerApi}. */
export interface FakeEngine {
  /** In place of the class `Container`. */
  readonly containers: ContainerApi
  /** From now on there is an image of that name, which behaves so. */
  image(reference: string, behaviour?: FakeImage): void
  /** What was asked for so far: the image and the options of each container, in order. */
  readonly made: readonly MadeContainer[]
}

/**
 * Makes an engine that needs no kernel. It knows the images it is told of; their containers go through the states, events and errors of
 * real ones, and answer what the test says. What only a kernel can answer (files, limits, networks, statistics) is not in it: test that with
 * real containers.
 */
export function createFakeEngine(images: Readonly<Record<string, FakeImage>> = {}): FakeEngine {
  const known = new Map(Object.entries(images))
  const living = new Map<string, FakeContainer>()
  const made: MadeContainer[] = []

  const create = async (image: string, options: ContainerOptions = {}): Promise<FakeContainer> => {
    checkContainerOptions(options)
    options.signal?.throwIfAborted()
    const behaviour = known.get(image)
    if (behaviour === undefined) throw failure('ERR_IMAGE_NOT_FOUND', `there is no image '${image}'`, image)
    const name = options.name ?? randomName(2)
    if (find(name)) throw failure('ERR_NAME_IN_USE', `could not create container '${name}': the name is in use`, name)
    made.push({ image, options })
    const forget = () => living.delete(container.id)
    const container = new FakeContainer({ name, image: behaviour, options, forget })
    living.set(container.id, container)
    return container
  }
  const find = (idOrName: string) =>
    living.get(idOrName) ?? [...living.values()].find(({ id, name }) => name === idOrName || id.startsWith(idOrName))

  const containers: ContainerApi = {
    create,
    run: async (image, options) => {
      const container = await create(image, options)
      await container.start()
      return container
    },
    get: async (idOrName) => {
      const container = find(idOrName)
      if (!container) throw failure('ERR_CONTAINER_NOT_FOUND', `there is no container '${idOrName}'`, idOrName)
      return container
    },
    list: async (filter = {}) => [...living.values()].filter((container) => fits(container, filter)),
  }
  return { containers, made, image: (reference, behaviour = {}) => void known.set(reference, behaviour) }
}

function fits({ name, state, labels }: ContainerHandle, filter: ContainerFilter): boolean {
  const alive = state === 'running' || state === 'paused'
  if (filter.name !== undefined && filter.name !== name) return false
  if (filter.states ? !filter.states.includes(state as never) : !filter.all && !alive) return false
  return Object.entries(filter.labels ?? {}).every(([key, value]) => labels[key] === value)
}

function failure(
  code: 'ERR_IMAGE_NOT_FOUND' | 'ERR_NAME_IN_USE' | 'ERR_CONTAINER_NOT_FOUND',
  message: string,
  object: string,
) {
  return new EngineError({ code, message, object })
}
