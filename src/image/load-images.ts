// SPDX-License-Identifier: Apache-2.0
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { ByteSource } from '../layer/byte-source.js'
import { ensureLayers } from '../layer/ensure-layer.js'
import { feed } from '../layer/feed.js'
import { removeStaging, stagingName } from '../layer/layer-staging.js'
import { work } from '../layer/layer-work.js'
import type { Connection } from '../native/connection.js'
import { openDirectory } from '../native/descriptor.js'
import { hostPlatform, parsePlatform } from '../oci/platform.js'
import { fileStep } from '../store/store-failure.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { planDockerArchive } from './docker-archive.js'
import type { ImageContext } from './image-context.js'
import { ImageFiles, invalidArchive } from './image-files.js'
import type { ImagePlan } from './image-plan.js'
import type { ImageRecord } from './image-record.js'
import { addContent, recordOf } from './keep-image.js'
import { nameImage } from './name-image.js'
import { type LayoutChoice, planOciLayout } from './oci-layout.js'

/** How to load images. */
export interface LoadOptions {
  /**
   * Which image of several, where they differ in that: `linux/arm64`. Without it an index comes with all its images, where they are all there, and
   * of others the one for this machine.
   */
  readonly platform?: string | undefined
  /** Aborted: what was begun is undone, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<LoadOptions> = { platform: check.nonEmptyString, signal: check.signal }

/**
 * Loads the one image of an OCI layout (a directory, or a tar of one) or of what `docker save` wrote, compressed or not, from a path
 * or a stream. ERR_INVALID_ARGUMENT where there are several: see {@link loadImages}. ERR_ARCHIVE_INVALID, ERR_IMAGE_INVALID,
 * ERR_DIGEST_MISMATCH, ERR_LAYER_INVALID; nothing is left of a failure.
 */
export async function loadImage(
  context: ImageContext,
  source: ByteSource,
  options: LoadOptions = {},
): Promise<ImageRecord> {
  const [image] = await load(context, source, { ...options, single: true })
  return image as ImageRecord
}

/** Loads all images of such an archive, each with the names it has there; all of them or none. */
export async function loadImages(
  context: ImageContext,
  source: ByteSource,
  options: LoadOptions = {},
): Promise<readonly ImageRecord[]> {
  return await load(context, source, { ...options, single: false })
}

interface Loading extends LoadOptions {
  readonly single: boolean
}

async function load(
  context: ImageContext,
  source: ByteSource,
  { single, ...options }: Loading,
): Promise<readonly ImageRecord[]> {
  checkOptions(options, shape)
  const { signal } = options
  const platform =
    options.platform === undefined ? (context.platform ?? hostPlatform()) : parsePlatform(options.platform)
  return await addContent(context, signal, () =>
    withFiles(context, source, signal, async (files) => {
      const plans = await planOf(files, { platform, wholeIndexes: options.platform === undefined })
      if (single && plans.length > 1) throw several(plans)
      return await addAll(context, plans, signal)
    }),
  )
}

// What docker save writes today is both; its OCI side keeps the digests.
async function planOf(files: ImageFiles, choice: LayoutChoice): Promise<readonly ImagePlan[]> {
  const plans = (await planOciLayout(files, choice)) ?? (await planDockerArchive(files))
  if (plans !== null) return plans
  const legacy = await files.read('repositories', 1024 * 1024)
  throw invalidArchive(
    legacy === null
      ? 'it has neither index.json and oci-layout nor manifest.json'
      : 'it has no manifest.json, only what Docker wrote before 1.10',
  )
}

// Names come last, when nothing can fail any more but the disk.
async function addAll(
  context: ImageContext,
  plans: readonly ImagePlan[],
  signal: AbortSignal | undefined,
): Promise<readonly ImageRecord[]> {
  const added = []
  for (const plan of plans) {
    const { entry, layers } = await plan.bringIn(context.store, signal)
    await ensureLayers(context, layers, signal)
    added.push({ entry, names: plan.names })
  }
  for (const { entry, names } of added) {
    for (const name of names.length > 0 ? names : [null]) await nameImage(context.store, name, entry)
  }
  return await Promise.all(added.map(({ entry }) => recordOf(context, entry.digest)))
}

async function withFiles<T>(
  context: ImageContext,
  source: ByteSource,
  signal: AbortSignal | undefined,
  use: (files: ImageFiles) => Promise<T>,
): Promise<T> {
  if (typeof source === 'string' && (await isDirectory(source))) {
    return await use(new ImageFiles(source, { consumed: false }))
  }
  // Of before: another supervisor would have put aside what lies there.
  const connection = await context.connection()
  const name = stagingName('archive')
  const path = join(context.store.paths.tmp, name)
  await fileStep('make directory', path, () => mkdir(path, { mode: 0o700 }))
  try {
    await extract(connection, source, path, signal)
    return await use(new ImageFiles(path, { consumed: true }))
  } finally {
    await removeStaging(context, name)
  }
}

async function extract(
  connection: Connection,
  source: ByteSource,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = openDirectory(path)
  const doing = `unpack the archive ${typeof source === 'string' ? quoted(source, 300) : 'from the stream'}`
  try {
    await feed(source, signal, (input, aborted) =>
      work(connection, 'archive.extract', {}, { fds: [input, target.fd], signal: aborted, doing }),
    )
  } catch (error) {
    throw EngineError.is(error) && isAboutContent(error) ? invalidArchive(error.message, error) : error
  } finally {
    target.close()
  }
}

function isAboutContent({ code, step, errno }: EngineError): boolean {
  if (code === 'ERR_LAYER_INVALID' || code === 'ERR_ARCHIVE_INVALID') return true
  const ours = ['EIO', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EPERM', 'EACCES', 'EROFS', 'ECANCELED']
  return step === 'extract archive' && !ours.includes(errno ?? '')
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function several(plans: readonly ImagePlan[]): EngineError {
  const names = plans.flatMap((plan) => plan.names)
  return invalidArgument(
    'source',
    `the archive has ${plans.length} images${names.length > 0 ? `: ${names.slice(0, 10).join(', ')}` : ''}`,
    'load all of them: Image.loadAll()',
  )
}
