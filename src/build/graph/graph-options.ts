// SPDX-License-Identifier: Apache-2.0
import type { ImageDocument } from '../../oci/image-config.js'
import type { Platform } from '../../oci/platform.js'
import type { IgnoreMatcher } from '../ignore/ignore-matcher.js'
import type { LintWarning } from '../lint/linter.js'

/** What a name means instead of a stage or an image of that name. */
export type NamedContext =
  /** An image. */
  | { readonly kind: 'image'; readonly reference: string }
  /** Files of the caller. */
  | { readonly kind: 'context' }

/** The image of a name, found. */
export interface ResolvedImage {
  /** In full, with the digest where there is one. */
  readonly reference: string
  readonly document: ImageDocument
}

/** Finds the image of a reference (in full, with a tag) for a platform. Nothing is fetched but what the document takes. */
export type ResolveImage = (reference: string, platform: Platform) => Promise<ResolvedImage>

/** What a build's graph depends on, apart from the Dockerfile. */
export interface GraphOptions {
  readonly resolveImage: ResolveImage
  /** The name of the stage that is wanted; undefined: the last one. */
  readonly target?: string | undefined
  /** What the image is for; undefined: what this machine is. */
  readonly platform?: Platform | undefined
  /** What this machine is. */
  readonly buildPlatform?: Platform | undefined
  /** Arguments given to the build. */
  readonly args?: Readonly<Record<string, string>> | undefined
  /** Names that commands know, with their addresses. */
  readonly hosts?: Readonly<Record<string, string>> | undefined
  /** By the names that they replace. */
  readonly contexts?: Readonly<Record<string, NamedContext>> | undefined
  /** Labels over those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** What the context leaves out: for a warning about a COPY of it. */
  readonly ignore?: IgnoreMatcher | undefined
  /** Told of each warning as it is found, also of those before an error. */
  readonly onWarning?: ((warning: LintWarning) => void) | undefined
  /** `all`: every stage is looked at, as a check does; `target`, the default: those that the target needs. */
  readonly scope?: 'target' | 'all' | undefined
}
