// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nativeError } from '../errors/native-failure.js'
import { packageRoot } from './package-root.js'

let version: Promise<string> | undefined

/** The version of this package, as its package.json has it. */
export function packageVersion(): Promise<string> {
  version ??= read()
  version.catch(() => {
    version = undefined
  })
  return version
}

async function read(): Promise<string> {
  const path = join(packageRoot(), 'package.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw nativeError({ step: 'read package', errno: error.code ?? 'EIO', object: path })
  })
  return String(JSON.parse(text).version)
}
