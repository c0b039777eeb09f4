// SPDX-License-Identifier: Apache-2.0
import type { RegistryAuth } from '../registry/registry-client.js'
import { checkAuth } from '../registry/registry-options.js'
import { check, type Shape } from '../util/validate.js'

/** How to push an image. */
export interface PushOptions {
  /** Who asks. By default what the engine's options have for that registry, then docker's config.json and its credential helpers. */
  readonly auth?: RegistryAuth | undefined
  /** Aborted: it stops, and rejects with the reason. Layers that are there already need not be sent again; the name stays as it was. */
  readonly signal?: AbortSignal | undefined
}

export const pushShape: Shape<PushOptions> = { auth: checkAuth, signal: check.signal }
