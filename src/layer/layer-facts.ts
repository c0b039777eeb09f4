// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import type { Store } from '../store/store.js'
import { fileStep } from '../store/store-failure.js'
import { readRegularFile } from '../util/atomic-file.js'

const maxRecordBytes = 16 * 1024 * 1024

/** What a layer says of the root directory. */
export interface RootFacts {
  /** Whether it hides everything below it (an opaque marker at its root), which overlayfs cannot express. */
  readonly hidesBelow: boolean
  /** Whether it has an entry for the directory itself: its owner, mode, attributes and time count. */
  readonly isExplicit: boolean
}

/** Reads it from the record of an unpacked layer. */
export async function rootFacts(store: Store, diffId: Digest): Promise<RootFacts> {
  const path = store.paths.layerRecord(diffId)
  const data = await fileStep('read layer record', path, () => readRegularFile(path, maxRecordBytes))
  if (data === null) return { hidesBelow: false, isExplicit: false }
  const fields = new Fields(parseUntrustedJson(data, 'layer.json', { maxBytes: maxRecordBytes }), 'layer.json')
  // The root is the first of the directories that are only implied, and has no name. Where these are too many there is no list.
  const implied = fields.strings('impliedParents', maxRecordBytes)
  return {
    hidesBelow: fields.boolean('opaqueRoot') === true,
    isExplicit: implied !== undefined && !implied.includes(''),
  }
}
