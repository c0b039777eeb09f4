// SPDX-License-Identifier: Apache-2.0
import { type Check, check, checkOptions, type Shape } from '../../util/validate.js'

/** What is to be said of the image beside it, in an index, where other tools find it. Nothing of it is signed: a push can sign the index. */
export interface AttestOptions {
  /**
   * Where it comes from (SLSA 1.0): base images and files from elsewhere, the target, the builder. `'max'` adds the arguments, the names of
   * secrets and all steps, `true` is `'min'`. What is in secrets is in neither.
   */
  readonly provenance?: boolean | 'min' | 'max' | undefined
  /** Which packages it has (SPDX 2.3), as dpkg and apk have noted them. */
  readonly sbom?: boolean | undefined
}

const shape: Shape<AttestOptions> = {
  provenance: check.anyOf("true, false, 'min' or 'max'", check.boolean, check.oneOf('min', 'max')),
  sbom: check.boolean,
}

/** Refuses what is malformed. */
export const checkAttest: Check = (value, option) => checkOptions<AttestOptions>(value, shape, option)
