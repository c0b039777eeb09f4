// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Tree, TreeEntry } from './build-result.js'
import type { TarMember } from './tar-reader.js'

/** An inode: hard links share one. */
export interface Node {
  readonly member: TarMember
}

/** The root file system that layers make, lowest first: absolute paths to inodes. OCI image-spec, "Applying changesets". */
export const stackLayers = (layers: readonly (readonly TarMember[])[]): ReadonlyMap<string, Node> => {
  const nodes = new Map<string, Node>()
  for (const layer of layers) {
    const below = new Set(nodes.keys())
    for (const member of layer) applyMember(nodes, below, member)
  }
  return nodes
}

const applyMember = (nodes: Map<string, Node>, below: ReadonlySet<string>, member: TarMember): void => {
  const path = posix.join('/', member.path).replace(/(.)\/$/, '$1')
  const { dir, base } = posix.parse(path)
  if (base === '.wh..wh..opq') {
    remove(nodes, dir, (inside) => below.has(inside))
    return
  }
  if (base.startsWith('.wh.')) {
    const gone = posix.join(dir, base.slice('.wh.'.length))
    nodes.delete(gone)
    remove(nodes, gone, () => true)
    return
  }
  if (member.type !== 'directory') remove(nodes, path, () => true)
  const node = member.type === 'link' ? nodes.get(posix.join('/', member.target)) : { member }
  if (node === undefined) throw new Error(`${path} is a hard link to ${member.target}, which is not there`)
  nodes.set(path, node)
}

const remove = (nodes: Map<string, Node>, directory: string, which: (path: string) => boolean): void => {
  const prefix = directory === '/' ? '/' : `${directory}/`
  for (const path of nodes.keys()) if (path !== '/' && path.startsWith(prefix) && which(path)) nodes.delete(path)
}

/** Describes it, sorted by path. */
export const describeTree = (
  nodes: ReadonlyMap<string, Node>,
  options: { readonly volatile: readonly string[]; readonly mtimes: readonly string[] },
): Tree => {
  const paths = [...nodes.keys()].sort()
  const names = new Map<Node, string[]>()
  for (const path of paths) {
    const node = nodes.get(path)!
    names.set(node, [...(names.get(node) ?? []), path])
  }
  return Object.fromEntries(
    paths.map((path) => {
      const node = nodes.get(path)!
      const [first = '', second] = names.get(node) ?? []
      return [path, describe(path, node, second === undefined ? undefined : first, options)]
    }),
  )
}

const describe = (
  path: string,
  { member }: Node,
  links: string | undefined,
  { volatile, mtimes }: { readonly volatile: readonly string[]; readonly mtimes: readonly string[] },
): TreeEntry => {
  const xattrs = Object.entries(member.xattrs).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    type: member.type as TreeEntry['type'],
    mode: (member.mode & 0o7777).toString(8).padStart(4, '0'),
    uid: member.uid,
    gid: member.gid,
    ...(member.type === 'file' && !volatile.includes(path) && describeContent(member.data)),
    ...(member.type === 'symlink' && { target: member.target }),
    ...((member.type === 'char' || member.type === 'block') && { device: member.device }),
    ...(xattrs.length > 0 && {
      xattrs: Object.fromEntries(xattrs.map(([name, value]) => [name, value.toString('base64')])),
    }),
    ...(links !== undefined && { links }),
    ...(mtimes.includes(path) && { mtime: member.mtime }),
  }
}

const shortest = 400

const describeContent = (data: Buffer): Partial<TreeEntry> => {
  const text = data.toString('utf8')
  if (data.length <= shortest && /^[^\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]*$/.test(text)) return { text }
  return { size: data.length, sha256: createHash('sha256').update(data).digest('hex') }
}
