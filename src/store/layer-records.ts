// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { omitUndefined } from '../oci/descriptor.js'
import { type Digest, digestFromHex, isDigest } from '../oci/digest.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import { readRegularFile, UnreadableFile } from '../util/atomic-file.js'
import { fileStep, isMissing } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** The content of `layers/<hex>/layer.json`: written last, it makes the directory valid. */
export interface LayerRecord {
  readonly diffId: Digest
  /** Bytes of the unpacked files. */
  readonly sizeBytes: number
  /** Directories that its entries imply without having them in the tar, the root is `''`: they take their metadata from the layers below. */
  readonly impliedParents?: readonly string[] | undefined
  /** The same for names that are not UTF-8, each byte as one character. */
  readonly impliedParentsLatin1?: readonly string[] | undefined
}

/** The largest layer.json: lists of implied directories can be long. */
const maxRecordBytes = 64 * 1024 * 1024

/** A directory below layers/. */
export interface StoredLayer {
  readonly diffId: Digest
  /** Null if it is missing or damaged: the layer is not usable and is to be removed. */
  readonly record: LayerRecord | null
  /** Milliseconds since 1970. */
  readonly modifiedMs: number
}

/** The unpacked layers, read only: the supervisor makes and removes them, since their files may belong to subordinate ids. */
export class LayerRecords {
  readonly #paths: StorePaths

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  /** Whether the layer is unpacked and valid. */
  async has(diffId: Digest): Promise<boolean> {
    return (await this.get(diffId)) !== null
  }

  /** The layer's record; null if it is not there or damaged. */
  async get(diffId: Digest): Promise<LayerRecord | null> {
    const path = this.#paths.layerRecord(diffId)
    try {
      const data = await fileStep('read layer record', path, () => readRegularFile(path, maxRecordBytes))
      return data && readLayerRecord(data, diffId)
    } catch (error) {
      if (error instanceof UnreadableFile || EngineError.is(error, 'ERR_IMAGE_INVALID')) return null
      throw error
    }
  }

  /** Every layer directory, the damaged ones too. */
  async list(): Promise<readonly StoredLayer[]> {
    const names = await fileStep('list', this.#paths.layers, () => readdir(this.#paths.layers))
    const layers: StoredLayer[] = []
    for (const name of names) {
      if (!isDigest(`sha256:${name}`)) continue
      const diffId = digestFromHex(name)
      const path = join(this.#paths.layers, name)
      const found = await fileStep('look at layer', path, () =>
        stat(path).catch((error) => (isMissing(error) ? null : Promise.reject(error))),
      )
      if (found) layers.push({ diffId, record: await this.get(diffId), modifiedMs: found.mtimeMs })
    }
    return layers
  }
}

function readLayerRecord(data: Uint8Array, diffId: Digest): LayerRecord | null {
  const fields = new Fields(parseUntrustedJson(data, 'layer.json', { maxBytes: maxRecordBytes }), 'layer.json')
  const sizeBytes = fields.integer('sizeBytes')
  if (fields.string('diffId') !== diffId || sizeBytes === undefined || sizeBytes < 0) return null
  return omitUndefined({
    diffId,
    sizeBytes,
    impliedParents: fields.strings('impliedParents', maxRecordBytes),
    impliedParentsLatin1: fields.strings('impliedParentsLatin1', maxRecordBytes),
  })
}
