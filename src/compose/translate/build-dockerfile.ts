// SPDX-License-Identifier: Apache-2.0
import { relative, resolve } from 'node:path'
import type { BuildOptions } from 'tscontainer'
import { isLocalContext } from '../canonical/resolve-paths.js'
import { readText } from '../document/read-text.js'
import type { BuildSource } from './build-options.js'

const greatestDockerfile = 4 * 1024 * 1024

/** The Dockerfile of a build: in its context, a text, or a file elsewhere, which Docker Compose takes too. */
export async function buildDockerfile({ build }: Pick<BuildSource, 'build'>): Promise<BuildOptions> {
  const { context, dockerfile, dockerfile_inline: text } = build
  if (text !== undefined) return { dockerfileText: text }
  if (dockerfile === undefined || context === undefined || !isLocalContext(context))
    return dockerfile ? { dockerfile } : {}
  const file = resolve(context, dockerfile)
  const inside = relative(context, file)
  if (inside !== '' && inside !== '..' && !inside.startsWith('../')) return { dockerfile: inside }
  return { dockerfileText: await readText({ path: file, maxBytes: greatestDockerfile }) }
}
