// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../../oci/digest.js'
import type { SourceSelection } from '../context/source-selection.js'
import type { BindMount, CacheMount, RunMount } from '../graph/run-mount.js'
import type { CopyVertex, MkdirVertex, RunVertex, Vertex } from '../graph/vertex.js'
import type { BuildTools, FilesVertex } from './build-tools.js'
import { type CopyGroup, copyGroups } from './copy-groups.js'
import { inOrder } from './in-order.js'
import { atStep } from './step-failure.js'
import { definitionOf } from './vertex-definition.js'
import type { BuiltLayer, Root, Work, WorkCall } from './work.js'

/** Turns the steps of a graph into works: what has the same key is the same work, wherever it stands. */
export class GraphWorks {
  readonly #tools: BuildTools
  readonly #isFresh: (vertex: Vertex) => boolean
  readonly #works = new Map<Digest, Work>()
  readonly #vertices = new Map<Work, Vertex>()

  /** `isFresh`: which steps are done again, whatever is recorded. */
  constructor(tools: BuildTools, isFresh: (vertex: Vertex) => boolean = () => false) {
    this.#tools = tools
    this.#isFresh = isFresh
  }

  /** The work that makes that step's root. */
  of(vertex: Vertex): Work {
    const known = this.#works.get(vertex.key)
    if (known) return known
    for (const step of inOrder([vertex], needsOf)) if (!this.#works.has(step.key)) this.#make(step)
    return this.#works.get(vertex.key) as Work
  }

  /** The step of a work. */
  vertexOf(work: Work): Vertex | undefined {
    return this.#vertices.get(work)
  }

  #make(vertex: Vertex): void {
    const { look, lookOutside, run, ...work } = this.#workOf(vertex)
    const told: Work = {
      ...work,
      ...(look && { look: (sources, signal) => atStep(vertex, () => look(sources, signal)) }),
      ...(lookOutside && { lookOutside: (signal) => atStep(vertex, () => lookOutside(signal)) }),
      run: (call) => atStep(vertex, () => run(call)),
    }
    this.#works.set(vertex.key, told)
    this.#vertices.set(told, vertex)
  }

  #workOf(vertex: Vertex): Work {
    const common = {
      name: vertex.origin?.text ?? vertex.kind,
      definition: definitionOf(vertex),
      base: 'base' in vertex ? this.of(vertex.base) : null,
      sources: [] as readonly Work[],
      fresh: this.#isFresh(vertex),
    }
    switch (vertex.kind) {
      case 'image':
        return { ...common, kind: 'origin', run: ({ signal }) => this.#tools.image(vertex, signal) }
      case 'mkdir':
        return { ...common, kind: 'layer', run: (call) => this.#makeDirectory(vertex, call) }
      case 'copy':
        return { ...common, ...this.#copy(vertex) }
      case 'run':
        return { ...common, ...this.#run(vertex) }
      default:
        // Files are opened by whoever copies them; as a root they are nothing.
        return { ...common, kind: 'origin', run: async () => [] }
    }
  }

  async #makeDirectory({ path, user, epoch }: MkdirVertex, { base, signal }: WorkCall): Promise<readonly BuiltLayer[]> {
    const layer = await this.#tools.makeDirectory({ base: base.layers, path, owner: user, epoch }, signal)
    return [layer ? madeNow(layer, epoch) : nothing]
  }

  #copy(vertex: CopyVertex): Pick<Work, 'kind' | 'sources' | 'look' | 'lookOutside' | 'run'> {
    const groups = copyGroups(vertex)
    const { sources, looks, seen } = this.#looks(groups)
    const run = async ({ base, sources: roots, signal }: WorkCall) => {
      const open = (from: Vertex) =>
        isFiles(from) ? this.#tools.files(from, signal) : rootOf(sources, roots, this.of(from))
      const parts = groups.map(async (group) => {
        const { from, selection, unpack } = group
        return { source: await open(from), selection, unpack, expected: seen.get(group) }
      })
      const { destination, chown: owner, chmod: mode, link, epoch } = vertex
      const step = { base: base.layers, parts: await Promise.all(parts), destination, owner, mode, link, epoch }
      return [madeNow(await this.#tools.copy(step, signal), epoch)]
    }
    return { kind: vertex.link ? 'independent' : 'layer', ...looks, run }
  }

  #run(vertex: RunVertex): Pick<Work, 'kind' | 'sources' | 'look' | 'lookOutside' | 'run'> {
    const mounts = vertex.mounts.flatMap(mountedFiles)
    const groups = mounts.map((mount): CopyGroup => ({ from: mount.from, selection: wholly(mount), unpack: false }))
    const { sources, looks } = this.#looks(groups)
    const run = async ({ base, sources: roots, signal, output }: WorkCall) => {
      const seen = new Map<string, Root>()
      for (const { from, target, source } of mounts) {
        const root = isFiles(from) ? await this.#asRoot(from, source, signal) : rootOf(sources, roots, this.of(from))
        seen.set(target, root)
      }
      const layer = await this.#tools.run(vertex, { base, mounted: seen }, { signal, output })
      return [layer ? madeNow(layer) : nothing]
    }
    return { kind: 'layer', ...looks, run }
  }

  // A mount shows what a copy would take: what is ignored is not there.
  async #asRoot(from: FilesVertex, source: string, signal: AbortSignal): Promise<Root> {
    const files = await this.#tools.files(from, signal)
    const selection = { sources: [source === '/' ? '/' : `/./${source.slice(1)}`], parents: source !== '/' }
    const step = { base: [], parts: [{ source: files, selection, unpack: false }], destination: '/', link: true }
    return { layers: [await this.#tools.copy(step, signal)] }
  }

  #looks(groups: readonly CopyGroup[]): {
    readonly sources: readonly Work[]
    readonly looks: Pick<Work, 'sources' | 'look' | 'lookOutside'>
    /** The digests of what is outside, once it was looked at. */
    readonly seen: ReadonlyMap<CopyGroup, string>
  } {
    const seen = new Map<CopyGroup, string>()
    const outside = groups.filter(({ from }) => isFiles(from))
    const inside = groups.filter(({ from }) => !isFiles(from))
    const sources = [...new Set(inside.map(({ from }) => this.of(from)))]
    const look = async (roots: readonly Root[], signal: AbortSignal) => {
      const digests = inside.map(({ from, selection }) =>
        this.#tools.digest(rootOf(sources, roots, this.of(from)), selection, signal),
      )
      return digestOf(JSON.stringify(await Promise.all(digests)))
    }
    const lookOutside = async (signal: AbortSignal) => {
      const digests = outside.map(async (group) => {
        const from = group.from as FilesVertex
        const known = await this.#tools.identify?.(from, signal)
        if (known) return known
        const digest = await this.#tools.digest(await this.#tools.files(from, signal), group.selection, signal)
        seen.set(group, digest)
        return digest
      })
      return digestOf(JSON.stringify(await Promise.all(digests)))
    }
    return {
      sources,
      seen,
      looks: {
        sources,
        ...(inside.length > 0 && { look }),
        ...(outside.length > 0 && { lookOutside }),
      },
    }
  }
}

/** The steps that a step needs itself. */
export function needsOf(vertex: Vertex): readonly Vertex[] {
  const base = 'base' in vertex ? [vertex.base] : []
  if (vertex.kind === 'copy') return [...base, ...vertex.sources.map(({ from }) => from)]
  if (vertex.kind !== 'run') return base
  return [...base, ...vertex.mounts.flatMap((mount) => ('from' in mount && mount.from ? [mount.from] : []))]
}

const emptyTar = digestOf(Buffer.alloc(1024))
const nothing: BuiltLayer = { diffId: emptyTar, sizeBytes: 0, isEmpty: true }

// A copy of what a pattern did not find is a layer without anything, too.
function madeNow({ diffId, sizeBytes }: BuiltLayer, epoch?: number): BuiltLayer {
  if (diffId === nothing.diffId) return nothing
  return { diffId, sizeBytes, createdAt: new Date(epoch === undefined ? Date.now() : epoch * 1000).toISOString() }
}

const filesKinds: readonly string[] = ['context', 'inline', 'add-url', 'add-git']

function isFiles(vertex: Vertex): vertex is FilesVertex {
  return filesKinds.includes(vertex.kind)
}

function rootOf(sources: readonly Work[], roots: readonly Root[], work: Work): Root {
  return roots[sources.indexOf(work)] ?? { layers: [] }
}

/** What a mount shows of another root, or begins with. */
type MountedFiles = Pick<BindMount, 'from' | 'source' | 'target'>

function mountedFiles(mount: RunMount): readonly MountedFiles[] {
  if (mount.kind === 'bind') return [mount]
  const from = mount.kind === 'cache' ? mount.from : null
  return from ? [{ ...(mount as CacheMount), from }] : []
}

// Whatever is there, of whatever kind: a mount of a file is that file.
function wholly({ source }: MountedFiles): SourceSelection {
  return { sources: [source.replace(/[\\*?[\]]/g, '\\$&')] }
}
