// SPDX-License-Identifier: Apache-2.0
import { parsePlatform } from '../oci/platform.js'
import { check, type Shape } from '../util/validate.js'

/** How to find an image. */
export interface GetImageOptions {
  /** Of an index the image for it: `linux/arm64`. This machine's by default, or whatever there is. ERR_IMAGE_PLATFORM where there is none. */
  readonly platform?: string | undefined
  /** Aborted before: it rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

export const getImageShape: Shape<GetImageOptions> = {
  platform: (value, option) => void parsePlatform(value, option),
  signal: check.signal,
}
