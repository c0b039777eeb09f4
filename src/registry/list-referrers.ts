// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { type Index, readIndex } from '../oci/image-index.js'
import { parseUntrustedJson } from '../oci/json.js'
import { isIndexType, mediaTypes } from '../oci/media-types.js'
import { type Answer, dropBody, headerOf, readBody } from './answer.js'
import type { Endpoint } from './endpoint.js'
import { nextPage } from './list-tags.js'
import { fetchManifest, scopeOf } from './manifests.js'
import { protocolFailure } from './registry-failure.js'
import type { RepositoryRef } from './registry-host.js'

const pageLimit = 4 * 1024 * 1024
const maxReferrers = 10_000

/** What is asked of whom. */
export interface ReferrersQuery {
  readonly digest: Digest
  readonly artifactType?: string | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Manifests whose subject is the digest: by the referrers API, or where the registry has none by the tag that stands for it
 * (distribution-spec 1.1, "Listing Referrers", "Unavailable Referrers API").
 */
export async function listReferrers(
  endpoint: Endpoint,
  ref: RepositoryRef,
  query: ReferrersQuery,
): Promise<readonly Descriptor[]> {
  const found = (await byApi(endpoint, ref, query)) ?? (await byTag(endpoint, ref, query))
  const { artifactType } = query
  // OCI-Filters-Applied tells who has filtered already; to do it again changes nothing.
  return artifactType === undefined ? found : found.filter((descriptor) => descriptor.artifactType === artifactType)
}

/** The tag under which referrers are listed where there is no API. */
export function referrersTag(digest: Digest): string {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`
}

// null: there is no such API.
async function byApi(
  endpoint: Endpoint,
  ref: RepositoryRef,
  query: ReferrersQuery,
): Promise<readonly Descriptor[] | null> {
  const { digest, artifactType, signal } = query
  const found: Descriptor[] = []
  const seen = new Set<string>()
  let path: string | URL = `v2/${ref.repository}/referrers/${digest}`
  for (;;) {
    const answer = await endpoint.call({
      method: 'GET',
      path,
      query: typeof path === 'string' && artifactType !== undefined ? { artifactType } : {},
      headers: { accept: mediaTypes.index },
      scopes: [scopeOf(ref, 'pull')],
      expect: [200, 400, 404, 405, 501],
      subject: { kind: 'repository', name: `${ref.host}/${ref.repository}` },
      signal,
    })
    if (answer.status !== 200 || !isIndex(answer)) {
      await dropBody(answer)
      return null
    }
    const next = nextPage(endpoint, headerOf(answer, 'link'), answer.url)
    found.push(...parse(endpoint, await readBody(answer, pageLimit)).manifests)
    if (next === null) return found
    if (seen.has(next.href) || found.length > maxReferrers)
      throw protocolFailure(endpoint.name, 'the list of referrers does not end')
    seen.add(next.href)
    path = next
  }
}

async function byTag(
  endpoint: Endpoint,
  ref: RepositoryRef,
  { digest, signal }: ReferrersQuery,
): Promise<readonly Descriptor[]> {
  try {
    const { descriptor, bytes } = await fetchManifest(endpoint, ref, referrersTag(digest), signal)
    return isIndexType(descriptor.mediaType) ? parse(endpoint, bytes).manifests : []
  } catch (error) {
    const isMissing =
      EngineError.is(error, 'ERR_REGISTRY_MANIFEST_UNKNOWN') || EngineError.is(error, 'ERR_REGISTRY_REPOSITORY_UNKNOWN')
    if (isMissing) return []
    throw error
  }
}

function isIndex(answer: Answer): boolean {
  return isIndexType(headerOf(answer, 'content-type')?.split(';')[0]?.trim() ?? '')
}

function parse(endpoint: Endpoint, bytes: Uint8Array): Index {
  try {
    return readIndex(parseUntrustedJson(bytes, 'index'), { max: maxReferrers })
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw protocolFailure(endpoint.name, `malformed list of referrers: ${problem}`, cause)
  }
}
