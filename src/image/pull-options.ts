// SPDX-License-Identifier: Apache-2.0
import { parsePlatform } from '../oci/platform.js'
import type { RegistryAuth } from '../registry/registry-client.js'
import { checkAuth } from '../registry/registry-options.js'
import { checkVerifyOptions, type VerifyOptions } from '../signature/signature-options.js'
import { type Check, check, type Shape } from '../util/validate.js'

/** When to ask the registry: if the image is not in the store, for every pull, or at no time. */
export type PullPolicy = 'missing' | 'always' | 'never'

/** How to pull an image. */
export interface PullOptions {
  /** `'missing'` by default: an image of that name that is in the store is taken without asking anybody. */
  readonly policy?: PullPolicy | undefined
  /**
   * Which of an image's platforms: `linux/arm64`, `linux/arm/v7`. This machine's by default; without it `'missing'` and `'never'` take what
   * is in the store for whatever platform it was pulled.
   */
  readonly platform?: string | undefined
  /** Who asks. By default what the engine's options have for that registry, then docker's config.json and its credential helpers. */
  readonly auth?: RegistryAuth | undefined
  /**
   * The signature that the image must have, beside what {@link EngineOptions.signatures} asks for: checked on its registry for each call, also
   * where the image is in the store. ERR_SIGNATURE_INVALID, before any layer is fetched.
   */
  readonly verify?: VerifyOptions | undefined
  /** Aborted: it stops, and rejects with the reason. What has come stays, and the next pull goes on from there. */
  readonly signal?: AbortSignal | undefined
}

const checkPlatform: Check = (value, option) => void parsePlatform(value, option)

export const pullShape: Shape<PullOptions> = {
  policy: check.oneOf('missing', 'always', 'never'),
  platform: checkPlatform,
  auth: checkAuth,
  verify: checkVerifyOptions,
  signal: check.signal,
}
