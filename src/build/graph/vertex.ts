// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../../oci/digest.js'
import { formatPlatform, type Platform } from '../../oci/platform.js'
import type { RunDevice } from '../dockerfile/instruction.js'
import type { SourceRange } from '../dockerfile/position.js'
import { canonicalJson } from './canonical-json.js'
import type { GitReference } from './git-reference.js'
import type { RunMount } from './run-mount.js'

/** Where a vertex comes from, for messages; part of no key. */
export interface Origin {
  readonly file: string
  readonly range: SourceRange
  /** The instruction, as written. */
  readonly text: string
  /** The stage's name, or `stage-N`. */
  readonly stage: string
}

interface VertexBase {
  /** Of what it is made and how: sha256 over the canonical JSON of its definition, parents by their keys. Not of contents. */
  readonly key: Digest
  readonly origin: Origin | null
}

/** The root of an image. */
export interface ImageVertex extends VertexBase {
  readonly kind: 'image'
  /** In full, with the digest where it is known. */
  readonly reference: string
  readonly platform: Platform
}

/** Nothing. */
export interface ScratchVertex extends VertexBase {
  readonly kind: 'scratch'
}

/** Files of the caller. */
export interface ContextVertex extends VertexBase {
  readonly kind: 'context'
  /** `context`, or the name of one of the named contexts. */
  readonly name: string
}

/** Files whose contents stand in the definition. */
export interface InlineVertex extends VertexBase {
  readonly kind: 'inline'
  readonly files: readonly { readonly name: string; readonly data: string; readonly mode: number }[]
}

/** A file from the web, as `filename`. */
export interface AddUrlVertex extends VertexBase {
  readonly kind: 'add-url'
  readonly url: string
  readonly filename: string
  readonly checksum?: string | undefined
}

/** A git repository at a commit. */
export interface AddGitVertex extends VertexBase {
  readonly kind: 'add-git'
  readonly git: GitReference
}

/** A directory in a root, made with its parents where it is missing. */
export interface MkdirVertex extends VertexBase {
  readonly kind: 'mkdir'
  readonly base: Vertex
  /** Absolute. */
  readonly path: string
  /** Its owner as in USER, looked up in the root; undefined: root. */
  readonly user?: string | undefined
  /** Seconds since 1970; undefined: now. */
  readonly epoch?: number | undefined
}

/** What one source of a copy says. */
export interface CopySource {
  readonly from: Vertex
  /** Absolute, below the root of `from`; may have wildcards. */
  readonly path: string
  /** Wildcards are looked for, and a directory means its contents. */
  readonly isPattern: boolean
  /** Whether archives are unpacked. */
  readonly unpack: boolean
  /** With `--parents`: what is copied below `path`, keeping its directories. */
  readonly include?: string | undefined
}

/** Files of other vertices, copied over a root. */
export interface CopyVertex extends VertexBase {
  readonly kind: 'copy'
  readonly base: Vertex
  readonly sources: readonly CopySource[]
  /** Absolute; a slash at the end makes it a directory. */
  readonly destination: string
  /** As written: names are looked up in the root. */
  readonly chown?: string | undefined
  /** Octal or symbolic. */
  readonly chmod?: string | undefined
  readonly exclude: readonly string[]
  readonly parents: boolean
  /** Whether its layer does not depend on what is in the root. */
  readonly link: boolean
  /** Seconds since 1970; undefined: as the files say. */
  readonly epoch?: number | undefined
}

/** A command run over a root. */
export interface RunVertex extends VertexBase {
  readonly kind: 'run'
  readonly base: Vertex
  /** The program and its arguments, shell included. */
  readonly args: readonly string[]
  /** `NAME=value`. */
  readonly env: readonly string[]
  /** Absolute. */
  readonly cwd: string
  /** As in USER; empty: root. */
  readonly user: string
  readonly mounts: readonly RunMount[]
  readonly network: 'default' | 'none' | 'host'
  readonly security: 'sandbox' | 'insecure'
  readonly devices: readonly RunDevice[]
  readonly platform: Platform
  /** Names for /etc/hosts, with their addresses; undefined: none. */
  readonly hosts?: Readonly<Record<string, string>> | undefined
  /** `NAME=value`, for proxies: given to the command, part of no key and no history. */
  readonly proxy: readonly string[]
}

/** A step of a build. */
export type Vertex =
  | AddGitVertex
  | AddUrlVertex
  | ContextVertex
  | CopyVertex
  | ImageVertex
  | InlineVertex
  | MkdirVertex
  | RunVertex
  | ScratchVertex

/** A step without the key, which {@link makeVertex} computes. */
export type VertexDefinition = Vertex extends infer V ? (V extends Vertex ? Omit<V, 'key'> : never) : never

/** The vertex of a definition: immutable, with its key. */
export function makeVertex<const K extends Vertex['kind']>(
  definition: Omit<Extract<Vertex, { kind: K }>, 'key'> & { readonly kind: K },
): Extract<Vertex, { kind: K }> {
  const { origin, ...keyed } = definition as unknown as VertexDefinition
  const key = digestOf(canonicalJson(keyParts(keyed as VertexDefinition)))
  return Object.freeze({ ...keyed, origin, key }) as unknown as Extract<Vertex, { kind: K }>
}

function keyParts(definition: VertexDefinition): unknown {
  switch (definition.kind) {
    case 'image':
      return { ...definition, platform: formatPlatform(definition.platform) }
    case 'mkdir':
      return { ...definition, base: definition.base.key }
    case 'copy':
      return { ...definition, base: definition.base.key, sources: definition.sources.map(sourceKey) }
    case 'run': {
      const { proxy, env, mounts, platform, ...keyed } = definition
      const parts = { base: definition.base.key, env: envKey(env), mounts: mounts.map(mountKey) }
      return { ...keyed, ...parts, platform: formatPlatform(platform) }
    }
    default:
      return definition
  }
}

function sourceKey(source: CopySource): unknown {
  return { ...source, from: source.from.key }
}

function mountKey(mount: RunMount): unknown {
  if (mount.kind === 'bind') return { ...mount, from: mount.from.key }
  if (mount.kind !== 'cache') return mount
  const { id, sharing, from, ...keyed } = mount
  return { ...keyed, from: from?.key }
}

// Commands between two changes of the environment share it.
const envKeys = new WeakMap<readonly string[], Digest>()

function envKey(env: readonly string[]): Digest {
  const known = envKeys.get(env)
  if (known) return known
  const key = digestOf(canonicalJson([...env].sort()))
  envKeys.set(env, key)
  return key
}
