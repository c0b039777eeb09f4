// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import type { HistoryEntry, ImageConfig } from '../oci/image-config.js'
import type { Platform } from '../oci/platform.js'

/** One layer of an image. */
export interface ImageLayer {
  /** Of the blob, as it is compressed. */
  readonly digest: Digest
  /** Of the tar in it. */
  readonly diffId: Digest
  /** Bytes of the blob. */
  readonly sizeBytes: number
}

/** An image of the store as it was when it was looked at. */
export interface ImageRecord {
  /** The digest of its config. */
  readonly id: Digest
  /** The digest of its manifest. */
  readonly digest: Digest
  /** The digest of what its names lead to: the manifest, or an index that has it for this platform. */
  readonly entry: Digest
  /** Its names as people write them: `debian:bookworm`. */
  readonly tags: readonly string[]
  readonly platform: Platform
  readonly config: ImageConfig
  /** Bytes of config and layers in the store, compressed as they came. */
  readonly sizeBytes: number
  /** Null where the image does not say. */
  readonly createdAt: Date | null
  /** Lowest first. */
  readonly layers: readonly ImageLayer[]
  readonly history: readonly HistoryEntry[]
  /** Whether it is this machine's own /usr: such an image means nothing elsewhere. */
  readonly host: boolean
}
