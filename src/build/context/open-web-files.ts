// SPDX-License-Identifier: Apache-2.0
import type { WebFiles, WebReach } from './web-files.js'

/** Begins to download. What speaks HTTP is loaded where something is downloaded, and not before. */
export async function openWebFiles(reach: WebReach): Promise<WebFiles> {
  const { WebFiles: Files } = await import('./web-files.js')
  return new Files(reach)
}
