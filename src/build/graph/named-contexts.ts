// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { canonicalReference, familiarReference, parseReference, withDefaultTag } from '../../oci/reference.js'
import type { GraphOptions, NamedContext } from './graph-options.js'

/** The context that takes the place of a name: as written, or as any spelling of the same image. */
export function findContext(contexts: GraphOptions['contexts'], name: string): NamedContext | null {
  if (!contexts || name === 'scratch' || name === 'context') return null
  for (const spelling of spellingsOf(name)) {
    const found = Object.hasOwn(contexts, spelling) ? contexts[spelling] : undefined
    if (found) return found
  }
  return null
}

function spellingsOf(name: string): readonly string[] {
  try {
    const reference = parseReference(name)
    const tagged = withDefaultTag(reference)
    const untagged = { domain: reference.domain, path: reference.path }
    // A name without a tag stands for the one that is meant by default, and for no other.
    const isDefault = tagged.tag === 'latest' && tagged.digest === undefined
    const same = [reference, tagged, ...(isDefault ? [untagged] : [])]
    return [name, name.toLowerCase(), ...same.map(familiarReference), ...same.map(canonicalReference)]
  } catch (error) {
    if (EngineError.is(error)) return [name, name.toLowerCase()]
    throw error
  }
}
