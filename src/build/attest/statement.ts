// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestParts } from '../../oci/digest.js'

/** What a statement is about (in-toto Attestation Framework, "ResourceDescriptor"). */
export interface Subject {
  /** A package URL, as tools compare them. */
  readonly name: string
  readonly digest: Digest
}

/** An in-toto statement: what a predicate says of some subjects. */
export interface Statement {
  readonly predicateType: string
  readonly subjects: readonly Subject[]
  readonly predicate: object
}

/** Its JSON (in-toto Attestation Framework, "Statement" v0.1, which is what readers of image attestations expect). */
export function statementToJson({ predicateType, subjects, predicate }: Statement): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: subjects.map(({ name, digest }) => ({ name, digest: digestSet(digest) })),
    predicate,
  })
}

/** A digest as in-toto writes it: `{ sha256: hex }`. */
export function digestSet(digest: Digest): Readonly<Record<string, string>> {
  const { algorithm, hex } = digestParts(digest)
  return { [algorithm]: hex }
}
