// SPDX-License-Identifier: Apache-2.0
import { canonicalReference, parseReference, repositoryOf } from '../oci/reference.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import { type StoredImage, storedImages } from './stored-images.js'

/** Which images to list; all that is given has to hold. */
export interface ImageFilter {
  /** A repository (`debian`), or a name with tag (`debian:bookworm`). */
  readonly reference?: string | undefined
  /** True: only those without a name; false: only those with one. */
  readonly dangling?: boolean | undefined
  /** Labels of the config, with their values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

const shape: Shape<ImageFilter> = {
  reference: check.nonEmptyString,
  dangling: check.boolean,
  labels: check.recordOf(check.string),
}

/** The images of the store, in the order in which they came. */
export async function listImages(context: ImageContext, filter: ImageFilter = {}): Promise<readonly ImageRecord[]> {
  checkOptions(filter, shape, 'filter')
  const { dangling } = filter
  const isNamed = filter.reference === undefined ? () => true : nameTest(filter.reference)
  const labels = Object.entries(filter.labels ?? {})
  const fits = ({ names, record }: StoredImage) =>
    isNamed(names) &&
    (dangling === undefined || dangling === (names.length === 0)) &&
    labels.every(([key, value]) => record.config.labels?.[key] === value)
  return (await storedImages(context)).filter(fits).map(({ record }) => record)
}

function nameTest(text: string): (names: readonly string[]) => boolean {
  const reference = parseReference(text)
  const whole = reference.tag !== undefined || reference.digest !== undefined
  const wanted = whole ? canonicalReference(reference) : repositoryOf(reference)
  const fits = (name: string) =>
    whole ? name === wanted : name.startsWith(`${wanted}:`) || name.startsWith(`${wanted}@`)
  return (names) => names.some(fits)
}
