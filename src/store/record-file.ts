// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { readRegularFile, UnreadableFile } from '../util/atomic-file.js'
import { corruptFile, fileStep, isMissing } from './store-failure.js'

const maxRecordBytes = 1024 * 1024

/** What `parse` makes of a record's file; undefined if there is none. ERR_STORE_CORRUPT for what is no regular file. */
export async function readRecordFile<T>(
  step: string,
  path: string,
  parse: (data: Uint8Array) => T,
): Promise<T | undefined> {
  try {
    const data = await fileStep(step, path, () => readRegularFile(path, maxRecordBytes))
    return data ? parse(data) : undefined
  } catch (error) {
    throw error instanceof UnreadableFile ? corruptFile(path, error.message, { cause: error }) : error
  }
}

/** The names in a directory of records, sorted; none where it is not there yet. */
export async function recordNames(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    return await fileStep('list', directory, () => Promise.reject(error))
  }
}

/** The value of a JSON text; undefined for what is none. */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}

/** Whether it is an object whose values are texts, as labels are. */
export function isTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((text) => typeof text === 'string')
}
