// SPDX-License-Identifier: Apache-2.0
import type { BuildContext } from '../context/build-context.js'
import type { SourceSelection } from '../context/source-selection.js'
import type { ImageVertex, RunVertex, Vertex } from '../graph/vertex.js'
import type { BuiltLayer, Root, WorkCall } from './work.js'

/** Files that are no root of an image: of the caller, of the Dockerfile itself, from the web, of a repository. */
export type FilesVertex = Extract<Vertex, { readonly kind: 'context' | 'inline' | 'add-url' | 'add-git' }>

/** Files, and which of them do not count. */
export interface FilesSource {
  readonly context: BuildContext
  /** Patterns of its ignore file. */
  readonly ignore?: readonly string[] | undefined
}

/** What a command sees of other roots. */
export interface RunSources {
  /** The root it runs on. */
  readonly base: Root
  /** What its bind mounts show, and its cache mounts begin with, by their targets. */
  readonly mounted: ReadonlyMap<string, Root>
}

/** What steps are done with; the engine has it. */
export interface BuildTools {
  /** The layers of an image, unpacked in the store. */
  image(vertex: ImageVertex, signal: AbortSignal): Promise<readonly BuiltLayer[]>
  /** Opens files; they are opened once, and closed when the build has ended. */
  files(vertex: FilesVertex, signal: AbortSignal): Promise<FilesSource>
  /** What files are identified by that need not be there for that, as the commit of a repository; null: by what they are. */
  identify?(vertex: FilesVertex, signal: AbortSignal): Promise<string | null>
  /** A digest of what a selection of files or of a root's is now. */
  digest(source: FilesSource | Root, selection: SourceSelection, signal: AbortSignal): Promise<string>
  /** Makes a layer of a copy. */
  copy(step: CopyRequest, signal: AbortSignal): Promise<BuiltLayer>
  /** Makes the directory of a WORKDIR, where it is not there yet. */
  makeDirectory(step: DirectoryRequest, signal: AbortSignal): Promise<BuiltLayer | null>
  /** Runs a command; what it changed is the layer, null where that is nothing. */
  run(vertex: RunVertex, sources: RunSources, call: Pick<WorkCall, 'signal' | 'output'>): Promise<BuiltLayer | null>
}

/** What a copy takes from one place. */
export interface CopyRequestPart {
  readonly source: FilesSource | Root
  readonly selection: SourceSelection
  readonly unpack: boolean
  /** What `digest` said of it: ERR_CONTEXT_CHANGED where it is something else by now. */
  readonly expected?: string | undefined
}

/** One copy, from one place or several. */
export interface CopyRequest {
  readonly base: readonly BuiltLayer[]
  readonly parts: readonly CopyRequestPart[]
  readonly destination: string
  readonly owner?: string | undefined
  readonly mode?: string | undefined
  readonly link: boolean
  /** Seconds since 1970. */
  readonly epoch?: number | undefined
}

/** A directory that has to be there. */
export interface DirectoryRequest {
  readonly base: readonly BuiltLayer[]
  readonly path: string
  readonly owner?: string | undefined
  /** Seconds since 1970. */
  readonly epoch?: number | undefined
}
