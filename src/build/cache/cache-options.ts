// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { fullTag } from '../../image/image-options.js'
import { canonicalReference, parseReference, withDefaultTag } from '../../oci/reference.js'
import type { RegistryAuth } from '../../registry/registry-client.js'
import { checkAuth } from '../../registry/registry-options.js'
import { type Check, check, checkOptions, type Shape } from '../../util/validate.js'

/** `min`: what leads to the image; `max`: the steps of all stages. */
export type BuildCacheMode = 'min' | 'max'

/** A cache in a directory: an OCI layout, which other tools can copy. */
export interface LocalBuildCache {
  /** A directory. */
  readonly type: 'local'
  /** Its path; made where it is missing. */
  readonly path: string
}

/** A cache in a registry, or an image there that has one inline. */
export interface RegistryBuildCache {
  /** A registry. */
  readonly type: 'registry'
  /** Where it is: `ghcr.io/owner/name:buildcache`. */
  readonly reference: string
  /** Who asks; else what the engine's options, config.json and credential helpers say. */
  readonly auth?: RegistryAuth | undefined
}

/** A cache in the image itself: its config says how its layers came to be. */
export interface InlineBuildCache {
  /** The image. */
  readonly type: 'inline'
}

/** Where results are taken from; a text is the reference of a cache or an image on a registry. */
export type BuildCacheFrom = string | LocalBuildCache | RegistryBuildCache

/** Where results go to, and which: `min` by default. */
export type BuildCacheTo =
  | (LocalBuildCache & {
      /** Which results; `min` by default. */
      readonly mode?: BuildCacheMode | undefined
    })
  | (RegistryBuildCache & {
      /** Which results; `min` by default. */
      readonly mode?: BuildCacheMode | undefined
    })
  | InlineBuildCache

const reference: Check = (value, option) => void cacheReference(value, option)

const localFrom: Shape<LocalBuildCache> = { type: check.any, path: check.nonEmptyString }
const registryFrom: Shape<RegistryBuildCache> = {
  type: check.any,
  reference: check.required(reference),
  auth: checkAuth,
}
const mode = check.oneOf('min', 'max')

const tag: Check = (value, option) => void fullTag(value as string, option)

const shapes = {
  from: { local: localFrom, registry: registryFrom },
  to: {
    local: { ...localFrom, mode },
    registry: { ...registryFrom, reference: check.required(tag), mode },
    inline: { type: check.any },
  },
} as const

/** Refuses what is no {@link BuildCacheFrom}, or list of such. */
export const checkCacheFrom: Check = (value, option) =>
  eachOf(value, option, (one, at) => {
    if (typeof one === 'string') return reference(one, at)
    if (typeOf(one) === 'inline')
      throw invalidArgument(at, 'an inline cache is in an image', "name the image: cacheFrom: 'ghcr.io/owner/name:tag'")
    checkTyped(one, at, shapes.from)
  })

/** Refuses what is no {@link BuildCacheTo}, or list of such. */
export const checkCacheTo: Check = (value, option) => eachOf(value, option, (one, at) => checkTyped(one, at, shapes.to))

/** The reference of a cache in full. ERR_INVALID_REFERENCE, ERR_INVALID_ARGUMENT. */
export function cacheReference(value: unknown, option: string): string {
  if (typeof value !== 'string') throw invalidArgument(option, `expected a reference, got ${quoted(value)}`)
  return canonicalReference(withDefaultTag(parseReference(value)))
}

/** One, many or none as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value as T]
}

function eachOf(value: unknown, option: string, one: Check): void {
  if (Array.isArray(value)) check.arrayOf(one, 100)(value, option)
  else one(value, option)
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined

function checkTyped(value: unknown, option: string, known: Readonly<Record<string, Shape<object>>>): void {
  const type = typeOf(value)
  const shape = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined
  if (!shape) {
    const types = Object.keys(known).map((name) => `{ type: '${name}' }`)
    throw invalidArgument(option, `expected ${types.join(' or ')}`)
  }
  checkOptions(value, shape, option)
  if (type === 'local') check.nonEmptyString(Reflect.get(value as object, 'path'), `${option}.path`)
}
