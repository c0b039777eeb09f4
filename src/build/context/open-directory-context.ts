// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { openDirectory } from '../../native/descriptor.js'
import type { BuildContext } from './build-context.js'

/** A directory of this machine as a context. ERR_INVALID_ARGUMENT where there is none. */
export function openDirectoryContext(path: string): BuildContext {
  if (path === '' || path.includes('\0')) throw invalidArgument('context', `${quoted(path)} is not a path`)
  try {
    const root = openDirectory(path)
    return { root, name: path, close: async () => root.close() }
  } catch (error) {
    if (!EngineError.is(error) || (error.errno !== 'ENOENT' && error.errno !== 'ENOTDIR')) throw error
    throw invalidArgument('context', `there is no directory ${quoted(path, 300)}`)
  }
}
