// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { constants, copyFile, mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Descriptor } from '../oci/descriptor.js'
import { indexToJson, readIndex } from '../oci/image-index.js'
import { parseUntrustedJson } from '../oci/json.js'
import { checkLayoutHeader, refNameAnnotation } from '../oci/layout.js'
import type { Store } from '../store/store.js'
import { readRegularFile, writeFileAtomic } from '../util/atomic-file.js'
import type { SavedContent, SavedFile } from './save-content.js'
import { beginSave } from './save-temporary.js'

interface Saving {
  readonly store: Store
  readonly content: SavedContent
  readonly signal: AbortSignal | undefined
}

const maxIndex = 64 * 1024 * 1024

/**
 * Writes an OCI layout directory, or adds to the one that is there, whose names of these images it then has. A new one appears by
 * rename, when it is whole; of a failure nothing is left.
 */
export async function saveDirectory(path: string, saving: Saving): Promise<void> {
  const names = await readdir(path).catch(ifMissing)
  if (names !== null && names.length > 0) return await addTo(path, names, saving)
  const temporary = await beginSave(path, 'directory')
  try {
    for (const file of saving.content.files) await place(temporary.path, file, saving)
    await temporary.finish()
  } finally {
    await temporary.discard()
  }
}

async function addTo(path: string, names: readonly string[], saving: Saving): Promise<void> {
  if (!names.includes('oci-layout') || !names.includes('index.json'))
    throw invalidArgument('target', `${quoted(path, 300)} is a directory with other things in it`, 'choose a new one')
  checkLayoutHeader(await need(join(path, 'oci-layout')))
  const index = readIndex(
    parseUntrustedJson(await need(join(path, 'index.json')), 'index.json', { maxBytes: maxIndex }),
  )
  const added: string[] = []
  try {
    for (const file of saving.content.files) {
      if ('blob' in file && (await place(path, file, saving))) added.push(join(path, file.path))
    }
    const manifests = [
      ...index.manifests.filter((entry) => !replaces(saving.content.entries, entry)),
      ...saving.content.entries,
    ]
    await writeFileAtomic(join(path, 'index.json'), indexToJson({ ...index, manifests }), { mode: 0o644 })
  } catch (error) {
    for (const file of added) await unlink(file).catch(() => {})
    throw error
  }
}

// A name moves to the image that was saved last; an image that has no name is there once.
function replaces(entries: readonly Descriptor[], old: Descriptor): boolean {
  const name = (entry: Descriptor) => entry.annotations?.[refNameAnnotation]
  return entries.some((entry) => name(entry) === name(old) && (name(old) !== undefined || entry.digest === old.digest))
}

// False where it is there already: content is known by its name.
async function place(root: string, file: SavedFile, { store, signal }: Saving): Promise<boolean> {
  signal?.throwIfAborted()
  const path = join(root, file.path)
  await mkdir(dirname(path), { recursive: true })
  if (!('blob' in file)) {
    await writeFile(path, file.data)
    return true
  }
  if ((await stat(path).catch(ifMissing))?.size === file.size) return false
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await copyFile(store.blobs.path(file.blob), temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    await rename(temporary, path)
    return true
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}

async function need(path: string): Promise<Uint8Array> {
  const data = await readRegularFile(path, maxIndex)
  if (data !== null) return data
  throw invalidArgument('target', `${quoted(path, 300)} is missing`)
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error.code === 'ENOTDIR'
    ? invalidArgument('target', 'it is, or leads through, something that is no directory')
    : error
}
