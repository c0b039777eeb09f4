// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'

let version: Promise<string> | undefined

/** The version of this package, as its package.json has it. */
export function packageVersion(): Promise<string> {
  version ??= readFile(join(packageRoot(), 'package.json'), 'utf8').then((text) => String(JSON.parse(text).version))
  return version
}
