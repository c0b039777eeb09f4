// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'

/** How to get a native part that fits this machine, in a checkout or in an installed package. */
export function compileHint(): string {
  const root = packageRoot()
  return existsSync(join(root, 'src'))
    ? 'run `npm run setup` there'
    : `run \`node ${join(root, 'scripts/install.mjs')}\``
}
