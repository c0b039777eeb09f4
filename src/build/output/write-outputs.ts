// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import type { ImageContext } from '../../image/image-context.js'
import type { ImageRecord } from '../../image/image-record.js'
import { saveImages } from '../../image/save-images.js'
import { formatPlatform, type Platform } from '../../oci/platform.js'
import type { BuildArchiveOutput, BuildOutput } from './output-options.js'
import type { RootFiles } from './stack-tar.js'
import { writeRootDirectory } from './write-directory.js'
import { writeRootTar } from './write-tar.js'

/** A result whose files are written, and what it is for. */
export interface PlatformFiles extends RootFiles {
  readonly platform: Platform
}

/** The outputs in one list; ERR_UNSUPPORTED, before anything is done, for what cannot be written of several platforms. */
export function outputsOf(
  output: BuildOutput | readonly BuildOutput[] | undefined,
  platforms: number,
): readonly BuildOutput[] {
  const outputs: readonly BuildOutput[] = output === undefined ? [] : [output].flat()
  if (platforms > 1 && outputs.some(({ type }) => type === 'tar')) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: 'several platforms have several root file systems, which are not written into one tar',
      option: 'output',
      hint: "write them into a directory ({ type: 'directory' }), or as images ({ type: 'oci' })",
    })
  }
  return outputs
}

/** Writes the root file systems that were asked for. */
export async function writeFiles(
  context: ImageContext,
  outputs: readonly BuildOutput[],
  results: readonly PlatformFiles[],
  signal: AbortSignal,
): Promise<void> {
  for (const output of outputs) {
    for (const result of results) {
      if (output.type === 'tar') await writeRootTar(context, result, targetOf(output), signal)
      if (output.type !== 'directory') continue
      const place = results.length > 1 ? join(output.path, directoryOf(result.platform)) : output.path
      await writeRootDirectory(context, result, place, signal)
    }
  }
}

/** Writes the archives that were asked for, of the image in the store. */
export async function writeArchives(
  context: ImageContext,
  outputs: readonly BuildOutput[],
  image: ImageRecord,
  signal: AbortSignal,
): Promise<void> {
  for (const output of outputs) {
    if (output.type !== 'oci' && output.type !== 'docker') continue
    await saveImages(context, [image], targetOf(output), { format: output.type, signal })
  }
}

const targetOf = (output: BuildArchiveOutput) => ('path' in output ? output.path : output.stream)

const directoryOf = (platform: Platform) => formatPlatform(platform).replaceAll('/', '_')
