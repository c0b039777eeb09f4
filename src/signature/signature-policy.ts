// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { parseReference, type Reference } from '../oci/reference.js'
import { canonicalHost } from '../registry/registry-host.js'
import type { SignaturePolicy } from './signature-options.js'

/** What a policy is about: one repository, or everything below a prefix. */
export interface Pattern {
  /** Host and path, one name for each; empty for everything. */
  readonly prefix: string
  readonly below: boolean
}

const hint = "write 'registry.example/team/app', 'registry.example/team/*', 'registry.example/*' or '*'"

/** The `match` of a policy; ERR_INVALID_ARGUMENT. */
export function parsePattern(text: unknown, option: string): Pattern {
  if (text === '*') return { prefix: '', below: true }
  // `ghcr.io` would be a repository of Docker Hub by Docker's grammar: somebody would be protected from nothing.
  const isPlain = typeof text === 'string' && text.includes('/')
  const below = isPlain && text.endsWith('/*')
  const name = below ? text.slice(0, -2) : text
  if (!isPlain || (name as string).includes('*'))
    throw invalidArgument(option, `${quoted(text)} is not a pattern`, hint)
  const extra = below ? '/a/a' : ''
  const reference = parsed(`${name}${extra}`, option)
  const full = repositoryKey(reference)
  return { prefix: full.slice(0, full.length - extra.length), below }
}

/** The policy for a repository: the one that says most of its name, a whole name before all others. */
export function policyFor(policies: readonly SignaturePolicy[], reference: Reference): SignaturePolicy | undefined {
  const name = repositoryKey(reference)
  let best: { readonly policy: SignaturePolicy; readonly length: number } | undefined
  for (const policy of policies) {
    const { prefix, below } = parsePattern(policy.match, 'signatures')
    const length = below ? prefix.length : name.length
    const fits = below ? prefix === '' || name.startsWith(`${prefix}/`) : name === prefix
    if (fits && (best === undefined || length > best.length)) best = { policy, length }
  }
  return best?.policy
}

/** One name for each repository: hosts have aliases, upper case, and ports and addresses that can be written in more than one way. */
export function repositoryKey({ domain, path }: Pick<Reference, 'domain' | 'path'>): string {
  const url = `https://${domain}`
  return `${canonicalHost(URL.canParse(url) ? new URL(url).host : domain)}/${path}`
}

function parsed(text: string, option: string): Reference {
  try {
    const reference = parseReference(text)
    if (reference.tag === undefined && reference.digest === undefined) return reference
  } catch (cause) {
    if (!EngineError.is(cause, 'ERR_INVALID_REFERENCE')) throw cause
  }
  throw invalidArgument(option, `${quoted(text)} is not a repository`, hint)
}
