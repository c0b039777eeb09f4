// SPDX-License-Identifier: Apache-2.0
import { quoted } from '../errors/printable.js'
import { isTexts, parseJson } from '../store/record-file.js'
import { corruptFile } from '../store/store-failure.js'

/** The driver whose volumes are directories of the store. */
export const localDriver = 'local'

/** The content of `volumes/<name>/volume.json`. */
export interface VolumeRecord {
  readonly version: 1
  readonly name: string
  /** `local`, or the name of a plugin. */
  readonly driver: string
  readonly labels: Readonly<Record<string, string>>
  /** The driver's. */
  readonly options: Readonly<Record<string, string>>
  /** RFC 3339. */
  readonly createdAt: string
  /** Whether nobody gave it a name. */
  readonly anonymous: boolean
  /** The container that it goes with; undefined: it stays. */
  readonly container?: string | undefined
  /** The most it may hold. */
  readonly sizeBytes?: number | undefined
  /** What its driver was asked to do, and has not said it did. */
  readonly pending?: 'create' | 'remove' | undefined
}

/** Reads a record. ERR_STORE_CORRUPT for what is none: the volume is left alone by everything but people. */
export function parseVolumeRecord(data: Uint8Array, { name, path }: { name: string; path: string }): VolumeRecord {
  const value = parseJson(data)
  const problem = problemOf(value, name)
  if (problem !== undefined)
    throw corruptFile(path, problem, {
      hint: 'the files of the volume are beside it, in data/: save them, and move its directory elsewhere',
    })
  return value as VolumeRecord
}

function problemOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no JSON object'
  const {
    version,
    name: own,
    driver,
    labels,
    options,
    createdAt,
    anonymous,
    container,
    sizeBytes,
    pending,
  } = value as Record<string, unknown>
  if (version !== 1) return `its version is ${quoted(version)}`
  if (own !== name) return `it is of the volume ${quoted(own)}`
  const fits =
    typeof driver === 'string' &&
    isTexts(labels) &&
    isTexts(options) &&
    typeof createdAt === 'string' &&
    !Number.isNaN(Date.parse(createdAt)) &&
    typeof anonymous === 'boolean' &&
    (pending === undefined || pending === 'create' || pending === 'remove') &&
    (container === undefined || typeof container === 'string') &&
    (sizeBytes === undefined || Number.isSafeInteger(sizeBytes))
  return fits ? undefined : 'a member is missing or of the wrong type'
}
