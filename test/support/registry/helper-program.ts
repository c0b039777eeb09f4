// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A credential helper of the tests' own, found in PATH. */
export interface HelperProgram {
  /** What it was asked, one line a call: `get ghcr.io`. */
  calls(): Promise<readonly string[]>
}

/** Writes `docker-credential-<name>` into the directory: a shell script whose answer to `get` is the text, with that status. */
export const makeHelper = async (
  directory: string,
  name: string,
  { answer = '', status = 0 }: { readonly answer?: string; readonly status?: number },
): Promise<HelperProgram> => {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `docker-credential-${name}`)
  const log = `${path}.log`
  await writeFile(`${path}.answer`, answer)
  await writeFile(log, '')
  await writeFile(path, `#!/bin/sh\nread -r line\necho "$1 $line" >> ${log}\ncat ${path}.answer\nexit ${status}\n`)
  await chmod(path, 0o755)
  return {
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  }
}

/** What a helper answers that knows. */
export const helperAnswer = (Username: string, Secret: string): string =>
  JSON.stringify({ ServerURL: '', Username, Secret })
