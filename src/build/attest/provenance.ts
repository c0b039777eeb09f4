// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import { digestSet } from './statement.js'

/** How much a provenance says: `max` has the arguments of the build and its steps too, which may be nobody's business. */
export type ProvenanceMode = 'min' | 'max'

/** Something the build took from elsewhere. */
export interface Material {
  /** A package URL of an image, or the URL of a file or a repository. */
  readonly uri: string
  readonly digest: Digest | null
}

/** What a provenance is made of. */
export interface ProvenanceFacts {
  /** Of the build: 64 hex digits. */
  readonly buildId: string
  /** Null where the same build is to say the same again. */
  readonly times: { readonly startedAt: Date; readonly finishedAt: Date } | null
  readonly materials: readonly Material[]
  /** Its path in the context; null for a build in code. */
  readonly dockerfile: string | null
  readonly target: string | null
  readonly platform: string
  readonly args: Readonly<Record<string, string>>
  /** Their names; what is in them is in no document. */
  readonly secrets: readonly string[]
  /** Of the steps that were needed. */
  readonly steps: readonly { readonly id: number; readonly name: string; readonly needs: readonly number[] }[]
  readonly builderVersion: string
}

/** Of the predicate that {@link provenancePredicate} makes. */
export const provenanceType = 'https://slsa.dev/provenance/v1'

/** Where the image comes from (SLSA 1.0, "Provenance"). Nothing in it is signed: whoever pushes signs. */
export function provenancePredicate(facts: ProvenanceFacts, mode: ProvenanceMode): object {
  const { dockerfile, target, platform, args, secrets, steps, builderVersion } = facts
  const asked = mode === 'max' ? { args, secrets } : {}
  return {
    buildDefinition: {
      buildType: 'urn:tscontainer:build:1',
      externalParameters: { configSource: { path: dockerfile ?? undefined }, target: target ?? undefined, ...asked },
      internalParameters: { platform, ...(mode === 'max' && { steps }) },
      resolvedDependencies: facts.materials.map(({ uri, digest }) => ({
        uri,
        digest: digest ? digestSet(digest) : undefined,
      })),
    },
    runDetails: {
      builder: { id: 'urn:tscontainer:builder', version: { tscontainer: builderVersion } },
      metadata: facts.times
        ? {
            invocationId: facts.buildId,
            startedOn: facts.times.startedAt.toISOString(),
            finishedOn: facts.times.finishedAt.toISOString(),
          }
        : undefined,
    },
  }
}
