// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { type Digest, isDigest } from './digest.js'

/** The name of an image in full: where it lives, what it is called, and which one. Made by {@link parseReference} only. */
export interface Reference {
  /** The registry: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly domain: string
  /** The repository there: `library/debian`. */
  readonly path: string
  readonly tag?: string | undefined
  readonly digest?: Digest | undefined
}

const defaultDomain = 'docker.io'
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`)
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const pathPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^\w[\w.-]{0,127}$/

/**
 * The text as a reference, in Docker's grammar and with Docker's defaults: `debian` is `docker.io/library/debian`. A
 * missing tag stays missing, see {@link withDefaultTag}. What does not fit is ERR_INVALID_REFERENCE.
 */
export function parseReference(text: unknown): Reference {
  if (typeof text !== 'string' || text.length > 1024) throw invalid(text, 'expected a text of at most 1024 characters')
  if (/^[a-f0-9]{64}$/.test(text)) throw invalid(text, '64 hex digits are an id, not a name')
  const { name, tag, digest } = splitSuffixes(text)
  const { domain, path } = splitDomain(name)
  if (path === '') throw invalid(text, 'the name is missing')
  if (!domainPattern.test(domain)) throw invalid(text, `${quoted(domain)} is not a registry`)
  if (!pathPattern.test(path)) throw invalid(text, pathProblem(path))
  if (domain.length + 1 + path.length > 255) throw invalid(text, 'the name has more than 255 characters')
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid(text, `${quoted(tag)} is not a tag`)
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `${quoted(digest)} is not a digest`)
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** The reference in full: `docker.io/library/debian:bookworm@sha256:…`. */
export function canonicalReference(reference: Reference): string {
  return `${repositoryOf(reference)}${suffixes(reference)}`
}

/** The reference as people write it: `debian:bookworm`. */
export function familiarReference(reference: Reference): string {
  const { domain, path } = reference
  if (domain !== defaultDomain) return canonicalReference(reference)
  const short = /^library\/[^/]+$/.test(path) ? path.slice('library/'.length) : path
  return `${short}${suffixes(reference)}`
}

/** Registry and repository without tag and digest: `docker.io/library/debian`. */
export function repositoryOf({ domain, path }: Reference): string {
  return `${domain}/${path}`
}

/** The reference with the tag `latest` if it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

function splitSuffixes(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    ...(colon >= 0 && { tag: rest.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  }
}

// Docker's rule: the first part is a registry if it has a point, a colon or an upper-case letter, or is localhost.
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isDomain = slash >= 0 && (/[.:A-Z[]/.test(first) || first === 'localhost')
  const domain = isDomain ? first : defaultDomain
  const path = isDomain ? name.slice(slash + 1) : name
  if (domain !== defaultDomain && domain !== 'index.docker.io') return { domain, path }
  return { domain: defaultDomain, path: path === '' || path.includes('/') ? path : `library/${path}` }
}

function suffixes({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function pathProblem(path: string): string {
  if (/[A-Z]/.test(path)) return `the name ${quoted(path)} must be in lower case`
  return `${quoted(path)} is not a name of an image`
}

function invalid(text: unknown, problem: string): EngineError {
  return new EngineError({
    code: 'ERR_INVALID_REFERENCE',
    message: `${quoted(text, 300)} is not an image reference: ${problem}`,
    hint: 'write [registry/]name[:tag][@digest]: debian, ghcr.io/owner/name:1.2',
  })
}
