// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import type { ImageConfig } from '../oci/image-config.js'
import type { ContainerOptions } from './container-options.js'

/**
 * What the main process runs, by Docker's rules: an entrypoint given here drops the image's command with its entrypoint, a
 * command given here only takes the place of the image's. Nothing to run is ERR_INVALID_ARGUMENT.
 */
export function mainCommand(
  { entrypoint, command }: Pick<ContainerOptions, 'entrypoint' | 'command'>,
  config: ImageConfig,
): readonly string[] {
  const argv = [...entrypointOf(entrypoint, config), ...(command ?? (entrypoint ? [] : (config.cmd ?? [])))]
  if (argv.length > 0) return argv
  throw invalidArgument('command', 'the image names no command', 'give one: command: [...], or idle: true')
}

function entrypointOf(entrypoint: readonly string[] | undefined, config: ImageConfig): readonly string[] {
  // Docker's way to reset one is an empty text.
  if (entrypoint) return entrypoint.length === 1 && entrypoint[0] === '' ? [] : entrypoint
  return config.entrypoint ?? []
}
