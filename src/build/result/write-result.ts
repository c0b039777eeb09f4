// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../../image/image-context.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { type AttestedBuild, statementsAbout } from '../attest/attest-image.js'
import { writeAttestation, writeImageIndex } from '../attest/attestation-manifest.js'
import { type BuiltImage, writeBuiltImage } from './write-built-image.js'

/**
 * Writes what was built: the manifest of the one image, or an index of several and of what is to be said of them. Nothing names its
 * descriptor yet.
 */
export async function writeResult(
  context: ImageContext,
  images: readonly BuiltImage[],
  build: AttestedBuild,
  signal: AbortSignal,
): Promise<Descriptor> {
  const manifests: Descriptor[] = []
  const attestations: Descriptor[] = []
  for (const image of images) {
    const { descriptor, created } = await writeBuiltImage(context, image, signal)
    manifests.push(descriptor)
    const { graph, root } = image
    const statements = await statementsAbout(context, build, { descriptor, graph, root, created }, signal)
    if (statements.length > 0) attestations.push(await writeAttestation(context.store, descriptor, statements))
  }
  const [only, ...others] = [...manifests, ...attestations]
  if (only && others.length === 0) return only
  return await writeImageIndex(context.store, [...manifests, ...attestations])
}
