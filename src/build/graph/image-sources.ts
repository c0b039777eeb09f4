// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { formatPlatform, type Platform } from '../../oci/platform.js'
import { canonicalReference, parseReference, withDefaultTag } from '../../oci/reference.js'
import type { SourcePosition } from '../dockerfile/position.js'
import type { SourceText } from '../dockerfile/source-text.js'
import { didYouMean } from '../suggest.js'
import type { GraphOptions, NamedContext, ResolvedImage } from './graph-options.js'
import { ImageState } from './image-state.js'
import { nameLine } from './name-line.js'
import { findContext } from './named-contexts.js'
import { makeVertex, type Origin, type Vertex } from './vertex.js'

/** A root that comes from outside, with the config that goes with it. */
export interface FoundSource {
  readonly vertex: Vertex
  readonly image: ImageState
  readonly triggers: readonly string[]
  /** What the image says it is for; null: it is no image. */
  readonly platform: Platform | null
}

/** A name, and where it stands. */
export interface SourceRequest {
  readonly name: string
  readonly platform: Platform
  readonly position: SourcePosition
  readonly origin: Origin | null
  /** What the name stands for; null: it is looked up. */
  readonly replacement: NamedContext | null
}

const notThere: readonly string[] = [
  'ERR_IMAGE_NOT_FOUND',
  'ERR_REGISTRY_REPOSITORY_UNKNOWN',
  'ERR_REGISTRY_MANIFEST_UNKNOWN',
  'ERR_REGISTRY_UNAUTHORIZED',
  'ERR_REGISTRY_DENIED',
]
// Nobody knows whether it is there; what looks like the name of a stage is likely one all the same.
const notAsked: readonly string[] = ['ERR_REGISTRY_HOST_UNKNOWN', 'ERR_REGISTRY_UNREACHABLE', 'ERR_REGISTRY_TLS']

/** Finds images and contexts, each image once for a platform. */
export class ImageSources {
  private readonly resolved = new Map<string, Promise<ResolvedImage>>()

  constructor(
    private readonly options: GraphOptions,
    private readonly source: SourceText,
    /** Of stages, for suggestions. */
    private readonly stageNames: readonly string[],
  ) {}

  /** What the name means, which is no stage. */
  async find(request: SourceRequest): Promise<FoundSource> {
    const { name, platform, origin } = request
    const context = request.replacement ?? findContext(this.options.contexts, name)
    if (context?.kind === 'context') return nothing(makeVertex({ kind: 'context', name, origin }), platform)
    if (!context && name === 'scratch') return nothing(makeVertex({ kind: 'scratch', origin }), platform)
    const { reference, document } = await this.resolve(context?.reference ?? name, request)
    const isEmpty = document.diffIds.length === 0
    const vertex = isEmpty
      ? makeVertex({ kind: 'scratch', origin })
      : makeVertex({ kind: 'image', reference, platform, origin })
    const image = ImageState.of({ ...document, platform })
    return { vertex, image, triggers: document.config.onBuild ?? [], platform: document.platform }
  }

  private async resolve(name: string, request: SourceRequest): Promise<ResolvedImage> {
    const { platform } = request
    try {
      const reference = canonicalReference(withDefaultTag(parseReference(name)))
      const key = `${reference} ${formatPlatform(platform)}`
      const pending = this.resolved.get(key) ?? this.options.resolveImage(reference, platform)
      this.resolved.set(key, pending)
      return await pending
    } catch (error) {
      throw this.explain(error, name, request)
    }
  }

  // A name that is neither a stage nor an image is likely a stage's, misspelt.
  private explain(error: unknown, name: string, { position }: SourceRequest): unknown {
    if (!EngineError.is(error)) return error
    const located = () => nameLine(error, `${this.source.name}:${position.line}`)
    const hint = didYouMean(name, this.stageNames)
    if (error.code === 'ERR_INVALID_REFERENCE') {
      const problem = `failed to parse stage name '${name}': ${error.message}`
      return this.source.fail(position, problem, { hint: hint ?? error.hint, cause: error })
    }
    const isStage = this.stageNames.includes(name.toLowerCase())
    const isLikelyStage = isStage || hint !== undefined
    if (!notThere.includes(error.code) && !(isLikelyStage && notAsked.includes(error.code))) return located()
    if (isStage) {
      const problem = `there is no image '${name}', and the stage of that name is not above: ${error.message}`
      return this.source.fail(position, problem, { hint: 'move the stage up, or name the image in full', cause: error })
    }
    if (!hint) return located()
    return this.source.fail(position, `'${name}' is neither a stage nor an image: ${error.message}`, {
      hint,
      cause: error,
    })
  }
}

function nothing(vertex: Vertex, platform: Platform): FoundSource {
  return { vertex, image: ImageState.empty(platform), triggers: [], platform: null }
}
