// SPDX-License-Identifier: Apache-2.0
import type { CreateRequest } from '../container/create-container.js'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { getImage } from '../image/find-image.js'
import type { ImageRecord } from '../image/image-record.js'
import { formatPlatform, parsePlatform } from '../oci/platform.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { Engine } from './engine.js'
import { Image } from './image.js'

/** An image, or a name or id of one. */
export type ImageChoice = string | Image

/** The image to make a container from. ERR_IMAGE_NOT_FOUND, also for one of another platform than asked for. */
export async function imageChoice(
  engine: Engine,
  image: ImageChoice,
  { platform }: Pick<ContainerOptions, 'platform'>,
): Promise<Pick<CreateRequest, 'image' | 'reference'>> {
  const chosen = await recordOf(engine, image)
  if (platform !== undefined) requirePlatform(chosen.image, platform)
  return chosen
}

async function recordOf(engine: Engine, image: ImageChoice): Promise<Pick<CreateRequest, 'image' | 'reference'>> {
  if (typeof image === 'string') return { image: await getImage(await engine.core.images(), image), reference: image }
  if (!(image instanceof Image)) throw invalidArgument('image', `expected an Image or its name, got ${quoted(image)}`)
  if (image.engine === engine || image.engine.root === engine.root) return { image: image.record, reference: null }
  throw invalidArgument('image', `it belongs to the engine at ${image.engine.root}, not to the one at ${engine.root}`)
}

function requirePlatform(image: ImageRecord, text: string): void {
  const wanted = formatPlatform(parsePlatform(text))
  const actual = formatPlatform(image.platform)
  if (actual === wanted) return
  throw new EngineError({
    code: 'ERR_IMAGE_NOT_FOUND',
    message: `the image ${quoted(image.tags[0] ?? image.id)} is for ${actual}, not for ${wanted}`,
    option: 'platform',
  })
}
