// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import { formatPlatform, type Platform, parsePlatform } from '../../oci/platform.js'

// More than there are; a longer list is a mistake.
const maxPlatforms = 64

/** The platforms that an option names, in its order; ERR_INVALID_ARGUMENT for what names none, or one twice. */
export function parsePlatforms(value: unknown, option = 'platform'): readonly Platform[] {
  if (!Array.isArray(value)) return [parsePlatform(value, option)]
  if (value.length === 0 || value.length > maxPlatforms)
    throw invalidArgument(option, `expected 1 to ${maxPlatforms} platforms, got ${value.length}`)
  const platforms = value.map((text: unknown, at) => parsePlatform(text, `${option}[${at}]`))
  const names = platforms.map(formatPlatform)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalidArgument(option, `${twice} is there twice`)
  return platforms
}
