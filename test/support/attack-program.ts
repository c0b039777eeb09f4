// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const sources = fileURLToPath(new URL('../fixtures/attacks/', import.meta.url))

/** Compiles a program of test/fixtures/attacks, which needs nothing of where it runs. The path of the executable, in `directory`. */
export const compileAttack = async (directory: string, name: string): Promise<string> => {
  const program = join(directory, name)
  const source = join(sources, `${name}.c`)
  await promisify(execFile)('cc', ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source])
  return program
}
