// SPDX-License-Identifier: Apache-2.0
import { formatPlatform, type Platform } from '../../oci/platform.js'
import type { Reference } from '../../oci/reference.js'

/** The package URL of an image: `pkg:docker/ghcr.io/o/r@1?platform=linux%2Famd64` (purl-spec, type docker). */
export function imagePackageUrl(reference: Reference, platform: Platform): string {
  const { domain, path, tag, digest } = reference
  const repository = domain === 'docker.io' ? path.replace(/^library\//, '') : `${domain}/${path}`
  const version = tag ?? (digest === undefined ? 'latest' : undefined)
  const name = repository.split('/').map(encodeURIComponent).join('/')
  const qualifiers = new URLSearchParams()
  if (digest !== undefined) qualifiers.set('digest', digest)
  qualifiers.set('platform', formatPlatform(platform))
  return `pkg:docker/${name}${version === undefined ? '' : `@${encodeURIComponent(version)}`}?${qualifiers}`
}
