// SPDX-License-Identifier: Apache-2.0
// What is inside that others wrote, besides the libraries that are linked: data with the place it comes from beside it, and headers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'

const data = ['src/compose/schema/SOURCE.md', 'src/security/data/SOURCE.md']

const readSource = (file) => {
  const text = readFileSync(join(top, file), 'utf8')
  const [, name, version] = /^(?!#)([\w-]+\/[\w-]+)\b.*?\bcommit ([0-9a-f]{40})/ms.exec(text)
  return { name, version, licence: 'Apache-2.0', purl: `pkg:github/${name}@${version}` }
}

/** `{name, version, licence, purl}` of each; all are under the Apache licence. */
export const takenData = () => data.map(readSource)

/** Packages of npm whose code is compiled into the addon. */
export const compiledModules = ['node-addon-api', 'node-api-headers']
