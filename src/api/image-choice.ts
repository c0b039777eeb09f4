// SPDX-License-Identifier: Apache-2.0
import type { CreateRequest } from '../container/create-container.js'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { findForPlatform, findImage, getImage, getImageFor, notFound, wrongPlatform } from '../image/find-image.js'
import type { ImageRecord } from '../image/image-record.js'
import { beginOperation } from '../image/progress-operation.js'
import { type PulledImage, type PullStep, pullImage } from '../image/pull-image.js'
import { type Platform, parsePlatform } from '../oci/platform.js'
import { bestPlatform } from '../oci/platform-match.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { Engine } from './engine.js'
import { Image } from './image.js'

/** An image, or a name or id of one. */
export type ImageChoice = string | Image

type Choosing = Pick<ContainerOptions, 'platform' | 'pull' | 'onPullProgress' | 'signal'>

/**
 * The image to make a container from, pulled where it is missing. ERR_IMAGE_NOT_FOUND where it is nowhere, ERR_IMAGE_PLATFORM for one of
 * another platform than asked for.
 */
export async function imageChoice(
  engine: Engine,
  image: ImageChoice,
  options: Choosing,
): Promise<{ readonly image: ImageRecord } & Pick<CreateRequest, 'reference'>> {
  if (typeof image === 'string') return { image: await imageNamed(engine, image, options), reference: image }
  if (!(image instanceof Image)) throw invalidArgument('image', `expected an Image or its name, got ${quoted(image)}`)
  if (image.engine !== engine && image.engine.root !== engine.root)
    throw invalidArgument('image', `it belongs to the engine at ${image.engine.root}, not to the one at ${engine.root}`)
  if (options.platform !== undefined && !fits(image.record, options.platform))
    throw wrongPlatform(image.record, parsePlatform(options.platform))
  return { image: image.record, reference: null }
}

async function imageNamed(engine: Engine, name: string, options: Choosing): Promise<ImageRecord> {
  const { platform, pull = 'missing' } = options
  const images = await engine.core.images()
  if (pull === 'always' && !isId(name)) return await pulled(engine, name, options)
  const wanted = platform === undefined ? undefined : parsePlatform(platform)
  const found = wanted ? (await findForPlatform(images, name, wanted))?.record : await findImage(images, name)
  if (found) return found
  if (pull === 'never' || isId(name))
    return wanted ? await getImageFor(images, name, wanted) : await getImage(images, name)
  return await pulled(engine, name, options)
}

// What no name of a repository is: ids lead nowhere but into the store.
function isId(name: string): boolean {
  return /^(sha(256|512):[0-9a-f]+|[0-9a-f]{64})$/.test(name)
}

async function pulled(engine: Engine, name: string, options: Choosing): Promise<ImageRecord> {
  const { platform, pull: policy, onPullProgress, signal } = options
  const images = await engine.core.images()
  const work = beginOperation<PulledImage, PullStep>(
    (report) => pullImage(images, name, { policy, platform, signal }, report),
    onPullProgress,
  )
  const { record, cached } = await work.catch((error: unknown) => {
    throw isUnknown(error) ? notFound(name, error) : error
  })
  if (!cached) engine.core.bus.publish({ type: 'image', action: 'pull', object: record.id })
  return record
}

function isUnknown(error: unknown): error is EngineError {
  const codes = ['ERR_REGISTRY_MANIFEST_UNKNOWN', 'ERR_REGISTRY_REPOSITORY_UNKNOWN']
  return EngineError.is(error) && codes.includes(error.code)
}

function fits({ platform }: ImageRecord, wanted: string): boolean {
  return bestPlatform<{ readonly platform: Platform }>([{ platform }], parsePlatform(wanted)) !== undefined
}
