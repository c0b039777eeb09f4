// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { BuiltImage, HistoryEntry, Tree } from './build-result.js'
import { describeTree, type Node, stackLayers } from './stack-layers.js'
import { readTar, type TarMember } from './tar-reader.js'

interface Document {
  readonly manifests?: readonly Reference[]
  readonly layers?: readonly Reference[] | null
  readonly config?: Readonly<Record<string, unknown>> & Partial<Reference>
}
interface Reference {
  readonly mediaType: string
  readonly digest: string
}
interface Configuration {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly author?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly history?: readonly (HistoryEntry & { readonly created?: string })[]
  /** Go writes null for none. */
  readonly rootfs: { readonly diff_ids: readonly string[] | null }
}

/** The layers of an image, and the digests of their tars. */
export interface LayerStack {
  readonly diffIds: readonly string[]
  readonly layers: readonly (readonly TarMember[])[]
}

/** What to read of an image. */
export interface ReadOptions {
  /** Images that it may have been built on: what that one's layers hold is left out unless it changed. */
  readonly bases?: readonly LayerStack[]
  /** Files of which the content is not described. */
  readonly volatile?: readonly string[]
  /** Paths of which the modification time is. */
  readonly mtimes?: readonly string[]
}

/** The image, and the digests of the volatile files. */
export interface ReadImage {
  readonly image: BuiltImage
  readonly volatile: Readonly<Record<string, string | undefined>>
}

/** Reads the one image of an OCI layout directory, whichever builder wrote it. */
export const readImage = (layout: string, options: ReadOptions = {}): ReadImage => {
  const { bases = [], volatile = [], mtimes = [] } = options
  const manifest = theManifest(layout)
  const config = json(layout, manifest.config?.digest ?? '') as unknown as Configuration
  const ids = config.rootfs.diff_ids ?? []
  const below = bases.find(({ diffIds }) => diffIds.every((id, index) => id === ids[index]))?.layers ?? []
  const blobs = (manifest.layers ?? []).slice(below.length)
  const layers = blobs.map((layer) => readTar(uncompressed(layout, layer)))
  const nodes = stackLayers([...below, ...layers])
  const tree = describeTree(nodes, { volatile, mtimes })
  const before = describeTree(stackLayers(below), { volatile: [], mtimes: [] })
  return {
    image: {
      platform: [config.os, config.architecture, config.variant].filter(Boolean).join('/'),
      config: config.config ?? {},
      ...(config.author !== undefined && config.author !== '' && { author: config.author }),
      history: (config.history ?? []).map(({ created: _, ...entry }) => entry).slice(below.length),
      tree: changed(tree, before),
      removed: Object.keys(before).filter((path) => tree[path] === undefined),
      layers: layers.map((members) => members.map(({ path }) => absolute(path)).sort()),
    },
    volatile: Object.fromEntries(volatile.map((path) => [path, digestOf(nodes.get(path))])),
  }
}

/** What an image says of itself: of its history what a builder did. */
export type ImageDescription = Pick<BuiltImage, 'author' | 'config' | 'history' | 'platform'>

/** Reads that of the one image of an OCI layout directory. */
export const readDescription = (layout: string): ImageDescription => {
  const manifest = theManifest(layout)
  const document = json(layout, manifest.config?.digest ?? '') as unknown as Configuration
  const { os, architecture, config = {}, author, history = [] } = document
  const built = history.filter(({ comment }) => comment?.startsWith('buildkit'))
  return {
    platform: `${os}/${architecture}`,
    config,
    ...(author !== undefined && author !== '' && { author }),
    history: built.map(({ created: _, ...entry }) => entry),
  }
}

const theManifest = (layout: string): Document => {
  let document = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Document
  while (document.manifests !== undefined) document = json(layout, document.manifests[0]?.digest ?? '')
  return document
}

const blob = (layout: string, digest: string): Buffer => readFileSync(join(layout, 'blobs', ...digest.split(':')))
const json = (layout: string, digest: string): Document => JSON.parse(blob(layout, digest).toString()) as Document

const uncompressed = (layout: string, { mediaType, digest }: Reference): Buffer => {
  const data = blob(layout, digest)
  if (data[0] === 0x1f && data[1] === 0x8b) return gunzipSync(data)
  if (mediaType.endsWith('zstd')) throw new Error('layers compressed by zstd are not read here: save them by gzip')
  return data
}

const absolute = (path: string): string => `/${path.replace(/^(\.?\/)+/, '').replace(/\/$/, '')}`

const changed = (tree: Tree, before: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).filter(([path, entry]) => JSON.stringify(entry) !== JSON.stringify(before[path])),
  )

const digestOf = (node: Node | undefined): string | undefined =>
  node && createHash('sha256').update(node.member.data).digest('hex')
