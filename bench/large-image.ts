// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'

const run = promisify(execFile)

/** An image of this machine's own files, as an OCI layout. */
export interface LargeImage {
  readonly layout: string
  /** The compressed layers, for those who only unpack. */
  readonly layers: readonly string[]
  readonly files: number
  readonly compressedBytes: number
}

const layerCount = 8
const mostFiles = 60_000
const mostBytes = 720_000_000

/** Makes an image of 8 layers, at most 60,000 files and 720 MB, of what Debian's packages put into /usr. */
export async function makeLargeImage(directory: string): Promise<LargeImage> {
  const layout = join(directory, 'layout')
  const blobs = join(layout, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const lists: string[][] = Array.from({ length: layerCount }, () => [])
  let files = 0
  let bytes = 0
  for await (const { path, size } of filesIn('/usr/share', '/usr/lib')) {
    if (files >= mostFiles || bytes + size > mostBytes) break
    lists[files++ % layerCount]?.push(path)
    bytes += size
  }
  const made = await Promise.all(lists.map((list, index) => makeLayer(directory, blobs, { list, index })))
  const config = await putJson(blobs, {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['/bin/true'] },
    rootfs: { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) },
  })
  const manifest = await putJson(blobs, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: made.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest,
      size,
    })),
  })
  const annotations = { 'org.opencontainers.image.ref.name': 'large' }
  const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest, annotations }
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
  return {
    layout,
    layers: made.map(({ path }) => path),
    files,
    compressedBytes: made.reduce((sum, { size }) => sum + size, 0),
  }
}

interface Found {
  readonly path: string
  readonly size: number
}

async function* filesIn(...directories: readonly string[]): AsyncGenerator<Found> {
  for (const directory of directories) {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) yield* filesIn(path)
      else if (entry.isFile()) yield { path, size: (await lstat(path)).size }
      else if (entry.isSymbolicLink()) yield { path, size: 0 }
    }
  }
}

interface MadeLayer {
  readonly path: string
  readonly diffId: string
  readonly digest: string
  readonly size: number
}

async function makeLayer(
  directory: string,
  blobs: string,
  { list, index }: { readonly list: readonly string[]; readonly index: number },
): Promise<MadeLayer> {
  const names = join(directory, `layer-${index}.list`)
  const tar = join(directory, `layer-${index}.tar`)
  await writeFile(names, list.join('\n'))
  await run('tar', ['-cf', tar, '--no-recursion', '-P', '--transform=s,^/,,', '-T', names])
  const diffId = await digestOfFile(tar)
  await pipeline(createReadStream(tar), createGzip(), createWriteStream(`${tar}.gz`))
  await run('rm', [tar])
  const digest = await digestOfFile(`${tar}.gz`)
  const path = join(blobs, digest.slice('sha256:'.length))
  await rename(`${tar}.gz`, path)
  return { path, diffId, digest, size: (await stat(path)).size }
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}

async function putJson(blobs: string, value: object): Promise<{ readonly digest: string; readonly size: number }> {
  const text = JSON.stringify(value)
  const hex = createHash('sha256').update(text).digest('hex')
  await writeFile(join(blobs, hex), text)
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(text) }
}
