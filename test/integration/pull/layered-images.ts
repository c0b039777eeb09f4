// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'

/** One layer of a layout that is being written. */
export interface MadeLayer {
  readonly blob: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly diffId: string
}

const sha256 = (data: Uint8Array | string) => `sha256:${createHash('sha256').update(data).digest('hex')}`
const platformHere = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch }

/** Writes OCI layouts for skopeo to push: layers by the system's tar, documents by hand, so that their platforms can be chosen. */
export class LayoutWriter {
  readonly directory: string
  readonly #entries: object[] = []

  constructor(directory: string) {
    this.directory = directory
  }

  async blob(data: Uint8Array | string, mediaType: string): Promise<MadeLayer['blob']> {
    const digest = sha256(data)
    await mkdir(join(this.directory, 'blobs/sha256'), { recursive: true })
    await writeFile(join(this.directory, 'blobs/sha256', digest.slice(7)), data)
    return { mediaType, digest, size: Buffer.byteLength(data) }
  }

  /** A layer of one file of random bytes beside the name, or of a root file system with a shell. */
  async layer(name: string, content: { readonly bytes: number } | 'rootfs'): Promise<MadeLayer> {
    const tree = join(this.directory, 'trees', name)
    await mkdir(tree, { recursive: true })
    if (content === 'rootfs') await makeRootfs(tree)
    else {
      await mkdir(join(tree, 'data'))
      await writeFile(join(tree, 'data', name), randomBytes(content.bytes))
    }
    const tar = await readFile(await makeTar(tree, join(this.directory, `${name}.tar`), '--mtime=@0'))
    return { blob: await this.blob(gzipSync(tar, { level: 1 }), mediaTypes.layerGzip), diffId: sha256(tar) }
  }

  /** A manifest of those layers for a platform; named in the layout if a name is given. */
  async image(
    layers: readonly MadeLayer[],
    options: { readonly name?: string; readonly platform?: Readonly<Record<string, string>> } = {},
  ): Promise<object> {
    const { platform = platformHere, name } = options
    const document = {
      ...platform,
      config: { Cmd: ['/bin/sh'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }
    const config = await this.blob(JSON.stringify(document), mediaTypes.config)
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: layers.map(({ blob }) => blob),
    }
    const entry = { ...(await this.blob(JSON.stringify(manifest), mediaTypes.manifest)), platform }
    if (name !== undefined) await this.#name(entry, name)
    return entry
  }

  /** An index of those manifests. */
  async index(manifests: readonly object[], name?: string): Promise<object> {
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
    const entry = await this.blob(JSON.stringify(index), mediaTypes.index)
    if (name !== undefined) await this.#name(entry, name)
    return entry
  }

  async #name(entry: object, name: string): Promise<void> {
    this.#entries.push({ ...entry, annotations: { 'org.opencontainers.image.ref.name': name } })
    await writeFile(join(this.directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    await writeFile(join(this.directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: this.#entries }))
  }

  /** Has skopeo push what has that name, digests as they are. */
  async push(name: string, to: string): Promise<void> {
    await skopeo('copy', '--all', '--preserve-digests', '--dest-tls-verify=false', `oci:${this.directory}:${name}`, to)
  }
}

/** Runs skopeo without asking for signatures. */
export const skopeo = async (...args: readonly string[]): Promise<string> =>
  await run('skopeo', '--insecure-policy', ...args)
