// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ImageContext, ImageUse } from '../../../src/image/image-context.js'
import { FileLocker } from '../../../src/native/file-lock.js'
import { type Greeted, openSupervisor } from '../../../src/native/supervisor.js'
import { Store } from '../../../src/store/store.js'

/** A store of its own with a supervisor of its own, as an engine has them. */
export interface ImageStore extends ImageContext {
  readonly directory: string
  readonly root: string
  /** What the containers of this store use; tests put in what they want. */
  readonly inUse: ImageUse[]
  /** What a failure must not leave: everything in the store but its fixed files. */
  contents(): Promise<readonly string[]>
  /** Lets go of everything and removes it. */
  dispose(): Promise<void>
}

/** Opens one below a new directory, or one that is there. */
export async function openImageStore(at?: { readonly root: string; readonly runRoot: string }): Promise<ImageStore> {
  const directory = at
    ? dirname(at.root)
    : await mkdtemp(join(process.env.TSC_TEST_ROOT ?? tmpdir(), 'tscontainer-image-'))
  const { root, runRoot } = at ?? { root: join(directory, 'root'), runRoot: join(directory, 'run') }
  const locker = new FileLocker()
  const store = await Store.open({ root, locker })
  let greeted: Promise<Greeted> | undefined
  const greet = () => {
    greeted ??= openSupervisor({ root, runRoot })
    return greeted
  }
  const inUse: ImageUse[] = []
  return {
    directory,
    root,
    inUse,
    store,
    locker,
    connection: async () => (await greet()).connection,
    host: async () => (await greet()).hello,
    uses: async () => inUse,
    contents: () => contentsOf(root),
    dispose: async () => {
      await removeLayers(await greet(), root)
      ;(await greet()).connection.close()
      // It may still be emptying the trash.
      while (existsSync(join(runRoot, 'v1/supervisor.sock'))) await new Promise((resolve) => setTimeout(resolve, 10))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function contentsOf(root: string): Promise<readonly string[]> {
  const found: string[] = []
  // What is in trash/ goes by itself.
  for (const folder of ['blobs/sha256', 'blobs/sha512', 'layers', 'tmp']) {
    for (const name of await readdir(join(root, folder))) if (!name.startsWith('.')) found.push(`${folder}/${name}`)
  }
  return found.sort()
}

// Their files may belong to subordinate ids.
async function removeLayers({ connection }: Greeted, root: string): Promise<void> {
  const layers = await readdir(join(root, 'layers')).catch(() => [])
  for (const layer of layers.filter((name) => !name.startsWith('.'))) {
    await connection.request('layer.remove', { layer })
  }
}
