// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { isDigest } from '../oci/digest.js'
import { parseReference } from '../oci/reference.js'

/** Docker Hub as names of images have it. */
export const dockerHub = 'docker.io'
/** Where Docker Hub's registry answers. */
export const dockerHubEndpoint = 'registry-1.docker.io'
/** What Docker calls it in config.json. */
export const dockerHubKey = 'https://index.docker.io/v1/'

/** A repository: the registry's host (canonical: `docker.io` for Docker Hub) and the path there. */
export interface RepositoryRef {
  readonly host: string
  readonly repository: string
}

/** The host in lower case, and `docker.io` for all names of Docker Hub; for hosts that others have named, of which anything may come. */
export function hostKey(host: string): string {
  const lower = host.toLowerCase()
  return [dockerHub, dockerHubEndpoint, 'index.docker.io'].includes(lower) ? dockerHub : lower
}

/** The host as names of images have it; ERR_INVALID_ARGUMENT naming `option` for what is no host. */
export function canonicalHost(text: unknown, option = 'host'): string {
  const host = typeof text === 'string' ? text.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '') : ''
  if (/^[A-Za-z0-9.:[\]-]+$/.test(host) && URL.canParse(`https://${host}`)) return hostKey(host)
  throw invalidArgument(option, `${quoted(text)} is not a host of a registry`, "write 'ghcr.io' or 'localhost:5000'")
}

/** Refuses a repository that no registry may have, before it becomes part of a path. */
export function checkRepository({ host, repository }: RepositoryRef): void {
  const { path } = parseReference(`${host}/${repository}`)
  if (path !== repository)
    throw new EngineError({ code: 'ERR_INVALID_REFERENCE', message: `${quoted(repository)} is not a repository` })
}

/** Refuses what is neither tag nor digest. */
export function checkTagOrDigest(reference: string): void {
  if (isDigest(reference) || isTag(reference)) return
  throw new EngineError({ code: 'ERR_INVALID_REFERENCE', message: `${quoted(reference)} is neither tag nor digest` })
}

/** Whether it is a tag in the grammar of the distribution specification. */
export function isTag(text: unknown): text is string {
  return typeof text === 'string' && /^\w[\w.-]{0,127}$/.test(text)
}
