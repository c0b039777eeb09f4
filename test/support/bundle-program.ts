// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const top = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Makes one file of a program of the tests and of all that it imports; resolves with its path in `directory`. Node starts it in a tenth of a
 * second, where compiling the sources anew takes seven. It finds the native part as the sources do.
 */
export const bundleProgram = async (program: string, directory: string): Promise<string> => {
  const outfile = join(directory, 'program.mjs')
  const options = ['--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${outfile}`]
  const here = JSON.stringify(pathToFileURL(join(top, 'src/native/addon.ts')).href)
  // For the packages that are CommonJS.
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(process.argv[1]);"
  // By its command line: the library would leave a process behind.
  const esbuild = join(top, 'node_modules/.bin/esbuild')
  await promisify(execFile)(esbuild, [program, ...options, `--define:import.meta.url=${here}`, `--banner:js=${banner}`])
  return outfile
}
