// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { dropBody } from './answer.js'
import type { Endpoint } from './endpoint.js'
import { scopeOf } from './manifests.js'
import type { Subject } from './registry-failure.js'
import type { RepositoryRef } from './registry-host.js'

/** The text as a digest, before it becomes part of a path. */
export function checkDigest(digest: string): Digest {
  if (isDigest(digest)) return digest
  throw new EngineError({ code: 'ERR_INVALID_REFERENCE', message: `${quoted(digest)} is not a digest` })
}

/** Whether the repository has the blob, by HEAD. */
export async function hasBlob(
  endpoint: Endpoint,
  ref: RepositoryRef,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await endpoint.call({
    method: 'HEAD',
    path: `v2/${ref.repository}/blobs/${checkDigest(digest)}`,
    scopes: [scopeOf(ref, 'pull,push')],
    expect: [200, 404],
    subject: { kind: 'blob', name: `${ref.host}/${ref.repository}@${digest}` },
    signal,
  })
  await dropBody(answer)
  return answer.status === 200
}

/** Asks for a blob of another repository of the same registry; false where an upload was begun instead, or it is refused. */
export async function mountBlob(
  endpoint: Endpoint,
  ref: RepositoryRef,
  options: { readonly digest: string; readonly from: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const { digest, from, signal } = options
  const subject: Subject = { kind: 'repository', name: `${ref.host}/${ref.repository}` }
  const answer = await endpoint.call({
    method: 'POST',
    path: `v2/${ref.repository}/blobs/uploads/`,
    query: { mount: checkDigest(digest), from },
    scopes: [scopeOf(ref, 'pull,push'), scopeOf({ ...ref, repository: from }, 'pull')],
    expect: [201, 202, 401, 403, 404, 405],
    subject,
    signal,
  })
  await dropBody(answer)
  return answer.status === 201
}
