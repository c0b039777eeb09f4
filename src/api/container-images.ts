// SPDX-License-Identifier: Apache-2.0
import type { CreateRequest } from '../container/create-container.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { Engine } from './engine.js'
import { type ImageChoice, imageChoice } from './image-choice.js'

/** All images that a container is made of: its own, and those that it mounts. Each is pulled where it is missing. */
export async function containerImages(
  engine: Engine,
  image: ImageChoice,
  options: ContainerOptions,
): Promise<Omit<CreateRequest, 'options'>> {
  const chosen = await imageChoice(engine, image, options)
  if (!options.mounts?.length) return chosen
  const mounted = new Map<string, CreateRequest['image']>()
  for (const mount of options.mounts) {
    if (mount.type !== 'image' || mounted.has(mount.source)) continue
    mounted.set(mount.source, (await imageChoice(engine, mount.source, options)).image)
  }
  return { ...chosen, mountedImages: mounted }
}
