// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import type { Store } from '../store/store.js'
import { readRegularFile } from '../util/atomic-file.js'

const maxRecordBytes = 16 * 1024 * 1024

/** Whether the layer hides everything below it (an opaque marker at its root), which overlayfs cannot express. */
export async function hidesLayersBelow(store: Store, diffId: Digest): Promise<boolean> {
  const data = await readRegularFile(store.paths.layerRecord(diffId), maxRecordBytes)
  return (
    data !== null &&
    new Fields(parseUntrustedJson(data, 'layer.json', { maxBytes: maxRecordBytes }), 'layer.json').boolean(
      'opaqueRoot',
    ) === true
  )
}
