// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestOf, digestParts, isDigest } from '../oci/digest.js'
import { isIndexType, isManifestType, mediaTypes } from '../oci/media-types.js'
import { type Answer, dropBody, headerOf, readBody } from './answer.js'
import type { Call, Endpoint } from './endpoint.js'
import { protocolFailure, type Subject } from './registry-failure.js'
import { checkTagOrDigest, type RepositoryRef } from './registry-host.js'
import { readJson } from './registry-json.js'

/** What registries accept for a manifest (distribution-spec, "Pushing Manifests"). */
const manifestLimit = 4 * 1024 * 1024
const accepted = [mediaTypes.manifest, mediaTypes.index, mediaTypes.dockerManifest, mediaTypes.dockerIndex].join(', ')

/** A manifest as it came. */
export interface FetchedManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** What people call the manifest, and what kind of thing is missing if it is. */
export function manifestSubject({ host, repository }: RepositoryRef, reference: string): Subject {
  return { kind: 'manifest', name: `${host}/${repository}${isDigest(reference) ? '@' : ':'}${reference}` }
}

/** The token scope for doing that with a repository. */
export function scopeOf({ repository }: RepositoryRef, actions: string): string {
  return `repository:${repository}:${actions}`
}

function callFor(ref: RepositoryRef, reference: string, rest: Pick<Call, 'method' | 'signal' | 'expect'>): Call {
  checkTagOrDigest(reference)
  return {
    ...rest,
    path: `v2/${ref.repository}/manifests/${reference}`,
    headers: { accept: accepted },
    scopes: [scopeOf(ref, 'pull')],
    subject: manifestSubject(ref, reference),
  }
}

/** The manifest by tag or digest: its bytes fit what was asked for, or what the registry says they are. */
export async function fetchManifest(
  endpoint: Endpoint,
  ref: RepositoryRef,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<FetchedManifest> {
  const answer = await endpoint.call(callFor(ref, reference, { method: 'GET', signal, expect: [200] }))
  const bytes = await readBody(answer, manifestLimit)
  const announced = announcedDigest(answer)
  const wanted = isDigest(reference) ? reference : announced
  const digest = digestOf(bytes, wanted ? digestParts(wanted).algorithm : 'sha256')
  if (wanted !== undefined && wanted !== digest) throw mismatch(endpoint, { wanted, digest })
  return { descriptor: { mediaType: mediaTypeOf(answer, bytes, endpoint), digest, size: bytes.byteLength }, bytes }
}

/** What a tag points to, by HEAD; null where the registry does not tell all of it. */
export async function resolveTag(
  endpoint: Endpoint,
  ref: RepositoryRef,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<Descriptor | null> {
  const answer = await endpoint.call(callFor(ref, tag, { method: 'HEAD', signal, expect: [200, 405] }))
  await dropBody(answer)
  const digest = announcedDigest(answer)
  const mediaType = contentType(answer)
  const size = Number(headerOf(answer, 'content-length') ?? Number.NaN)
  if (answer.status !== 200 || digest === undefined || mediaType === undefined || !Number.isSafeInteger(size))
    return null
  return { mediaType, digest, size }
}

/** Uploads a manifest under a tag or its digest. */
export async function putManifest(
  endpoint: Endpoint,
  ref: RepositoryRef,
  options: {
    readonly reference: string
    readonly bytes: Uint8Array
    readonly mediaType: string
    readonly signal: AbortSignal | undefined
  },
): Promise<{ readonly subject: string | null }> {
  const { reference, bytes, mediaType, signal } = options
  const answer = await endpoint.call({
    ...callFor(ref, reference, { method: 'PUT', signal, expect: [200, 201, 202] }),
    headers: { 'content-type': mediaType },
    scopes: [scopeOf(ref, 'pull,push')],
    body: bodyOfBytes(bytes),
  })
  await dropBody(answer)
  const announced = announcedDigest(answer)
  if (announced !== undefined) {
    const digest = digestOf(bytes, digestParts(announced).algorithm)
    if (announced !== digest) throw mismatch(endpoint, { wanted: digest, digest: announced })
  }
  return { subject: headerOf(answer, 'oci-subject') || null }
}

/** Deletes by digest, or a tag where the registry does that: ERR_REGISTRY_UNSUPPORTED where not. */
export async function deleteManifest(
  endpoint: Endpoint,
  ref: RepositoryRef,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // 400 is what docker-registry answers to a tag, 202 and 204 are success.
  const call = callFor(ref, reference, {
    method: 'DELETE',
    signal,
    expect: isDigest(reference) ? [200, 202, 204] : [200, 202, 204, 400],
  })
  const answer = await endpoint.call({ ...call, scopes: [scopeOf(ref, 'pull,push,delete')] })
  await dropBody(answer)
  if (answer.status === 400)
    throw new EngineError({
      code: 'ERR_REGISTRY_UNSUPPORTED',
      message: `${endpoint.name} does not delete tags`,
      hint: 'delete by digest: the manifest goes with all its tags',
      step: 'registry',
      object: call.subject.name,
    })
}

/** A body of bytes that are at hand. */
export function bodyOfBytes(bytes: Uint8Array): NonNullable<Call['body']> {
  return {
    size: bytes.byteLength,
    async *open() {
      if (bytes.byteLength > 0) yield bytes
    },
  }
}

function announcedDigest(answer: Answer): Digest | undefined {
  const text = headerOf(answer, 'docker-content-digest')
  if (text === undefined || text === '') return undefined
  if (!isDigest(text)) throw protocolFailure(answer.url.host, 'Docker-Content-Digest is no digest')
  return text
}

function contentType(answer: Answer): string | undefined {
  const type = headerOf(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase()
  return type && (isManifestType(type) || isIndexType(type)) ? type : undefined
}

// Registries that store files say application/json: then the document itself says what it is.
function mediaTypeOf(answer: Answer, bytes: Uint8Array, endpoint: Endpoint): string {
  const type = contentType(answer)
  if (type) return type
  return readJson(bytes, { host: endpoint.name, what: 'manifest' }, (fields) => {
    if (fields.integer('schemaVersion') === 1)
      throw new EngineError({
        code: 'ERR_UNSUPPORTED',
        message: `${endpoint.name} has this image only in Docker's format of before 2017 (schema 1)`,
        hint: 'have it pushed again by a newer tool',
      })
    return fields.string('mediaType') || (fields.has('manifests') ? mediaTypes.index : mediaTypes.manifest)
  })
}

function mismatch(
  endpoint: Endpoint,
  { wanted, digest }: { readonly wanted: string; readonly digest: string },
): EngineError {
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${endpoint.name} gave a manifest with the digest ${digest} for ${wanted}`,
    hint: 'the registry, or somebody between, changed it: do not use it',
    step: 'registry',
    object: wanted,
  })
}
