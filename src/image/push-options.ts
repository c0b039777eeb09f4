// SPDX-License-Identifier: Apache-2.0
import type { RegistryAuth } from '../registry/registry-client.js'
import { checkAuth } from '../registry/registry-options.js'
import { checkSignOptions, type SignOptions } from '../signature/signature-options.js'
import { check, type Shape } from '../util/validate.js'

/** How to push an image. */
export interface PushOptions {
  /** Who asks. By default what the engine's options have for that registry, then docker's config.json and its credential helpers. */
  readonly auth?: RegistryAuth | undefined
  /** Signs what was pushed (of an image for several platforms the index) as `cosign sign --key` does; the signature joins those that are there. */
  readonly sign?: SignOptions | undefined
  /** Aborted: it stops, and rejects with the reason. Layers that are there already need not be sent again; the name stays as it was. */
  readonly signal?: AbortSignal | undefined
}

export const pushShape: Shape<PushOptions> = { auth: checkAuth, sign: checkSignOptions, signal: check.signal }
