// SPDX-License-Identifier: Apache-2.0
import type { SeccompSpec } from '../oci/runtime-spec-seccomp.js'
import type { Capability } from '../security/capabilities.js'
import { defaultSeccomp } from '../security/default-seccomp.js'
import { resolveSeccomp } from '../security/resolve-seccomp.js'
import type { ContainerOptions } from './container-options.js'
import type { HostFacts } from './host-facts.js'

/** The filter of a container; null: none. The default one is made once for each set of capabilities. */
export function seccompOf(
  { seccomp, privileged }: Pick<ContainerOptions, 'seccomp' | 'privileged'>,
  capabilities: readonly Capability[],
  { architecture, kernel }: Pick<HostFacts, 'architecture' | 'kernel'>,
): SeccompSpec | null {
  const choice = seccomp ?? (privileged ? 'unconfined' : 'default')
  if (choice === 'unconfined') return null
  const target = { capabilities, architecture, kernel }
  if (choice !== 'default') return resolveSeccomp(choice, target)
  const key = `${architecture} ${kernel} ${capabilities.join()}`
  const known = defaults.get(key)
  if (known) return known
  const made = defaultSeccomp(target)
  defaults.set(key, made)
  return made
}

const defaults = new Map<string, SeccompSpec>()
