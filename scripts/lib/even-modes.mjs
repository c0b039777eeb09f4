// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'

const filesBelow = (path) => {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
}

const always = ['package.json', 'README.md', 'LICENSE']

/** What npm packs gets the modes that a umask of 022 gives: npm takes them over as they are, and a checkout has what its owner's umask made. */
export const evenModes = () => {
  const { files } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
  for (const name of [...always, ...files.filter((pattern) => !pattern.startsWith('!'))]) {
    for (const file of filesBelow(join(top, name))) {
      const { mode } = statSync(file)
      const even = mode & 0o100 ? 0o755 : 0o644
      if ((mode & 0o7777) !== even) chmodSync(file, even)
    }
  }
}
