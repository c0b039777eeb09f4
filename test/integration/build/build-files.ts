// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type MemoryFiles, openMemoryContext } from '../../../src/build/context/open-memory-context.js'
import { type CopyPart, type CopyStep, copyStep } from '../../../src/build/steps/copy-step.js'
import { work } from '../../../src/layer/layer-work.js'
import { openDirectory } from '../../../src/native/descriptor.js'
import type { Digest } from '../../../src/oci/digest.js'
import type { ImageStore } from '../image/image-store.js'
import { run } from '../image/rootfs.js'

/** Times that make layers the same in every run. */
export const times = { madeAt: 1_000_000_000, latest: 1_000_000_000 }

/** A layer with these files. */
export async function layerOf(store: ImageStore, files: MemoryFiles): Promise<Digest> {
  return await copyFiles(store, files, { sources: ['.'], destination: '/' })
}

type CopyOf = Partial<Omit<CopyStep, 'sources'>> &
  Pick<CopyPart, 'unpack' | 'expected'> & { sources: readonly string[]; destination: string }

/** A layer of a copy from files at hand. */
export async function copyFiles(store: ImageStore, files: MemoryFiles, copy: CopyOf): Promise<Digest> {
  const source = await openMemoryContext(store, files)
  try {
    return await copyFrom(store, source, copy)
  } finally {
    await source.close()
  }
}

export async function copyFrom(
  store: ImageStore,
  source: CopyPart['source'],
  { sources, ...rest }: CopyOf & { readonly exclude?: readonly string[]; readonly parents?: boolean },
): Promise<Digest> {
  const { exclude, parents, unpack, expected, ...step } = rest
  const part = { source, selection: { sources, exclude, parents }, unpack, expected }
  const { layer } = await copyStep(store, { layers: [], times, ...step, sources: [part] })
  return layer.diffId
}

/** What GNU tar lists of the layer as it would be pushed, `drwxr-xr-x 0/0 etc/` a line; its bytes have to be what the diffID says. */
export async function listLayer(store: ImageStore, diffId: Digest): Promise<readonly string[]> {
  const directory = await mkdtemp(join(store.directory, 'list-'))
  const source = openDirectory(join(store.store.paths.layer(diffId), 'fs'))
  const path = join(directory, 'layer.tar')
  const file = await open(path, 'w')
  try {
    await work(await store.connection(), 'layer.pack', { overlay: true }, { fds: [source.fd, file.fd], doing: 'pack' })
    const digest = `sha256:${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`
    if (digest !== diffId) throw new Error(`the layer ${diffId} packs as ${digest}`)
    const lines = (await run('tar', '--numeric-owner', '-tvf', path)).trim().split('\n')
    return lines.filter((line) => line !== '').map(withoutSizeAndTime)
  } finally {
    source.close()
    await file.close()
    await rm(directory, { recursive: true })
  }
}

function withoutSizeAndTime(line: string): string {
  const [mode, owner, , , , ...name] = line.split(/\s+/)
  return [mode, owner, ...name].join(' ')
}
