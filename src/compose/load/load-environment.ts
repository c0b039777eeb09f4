// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path'
import { readEnvFile } from '../environment/read-env-file.js'
import { isFile } from './find-files.js'
import type { LoadSession } from './load-context.js'

/** The variables of a project, and the files they come from. */
export interface LoadedEnvironment {
  readonly variables: Map<string, string>
  readonly files: readonly string[]
}

/**
 * Those given, and after them those of the `.env` file in the project's directory; or of COMPOSE_ENV_FILES, of which later ones win. A file that
 * is named has to be there.
 */
export async function loadEnvironment(
  given: ReadonlyMap<string, string>,
  directory: string,
  session: LoadSession,
): Promise<LoadedEnvironment> {
  const files = await envFilesOf(given, directory)
  const fromFiles = new Map<string, string>()
  for (const path of files) {
    const lookup = (name: string) => given.get(name) ?? fromFiles.get(name)
    const onUnset = (name: string) =>
      session.warnings.add('unset-variable', `${path}: the variable '${name}' is not set; it is taken as empty`)
    const read = await readEnvFile({
      path,
      interpolation: { lookup, onUnset, budget: session.budget },
      signal: session.signal,
    })
    for (const [name, value] of read) fromFiles.set(name, value)
  }
  return { variables: new Map([...fromFiles, ...given]), files }
}

async function envFilesOf(given: ReadonlyMap<string, string>, directory: string): Promise<readonly string[]> {
  const named = given.get('COMPOSE_ENV_FILES')
  if (named)
    return named
      .split(',')
      .filter(Boolean)
      .map((file) => resolve(file.trim()))
  if (/^(?:1|true|t|yes|y|on)$/i.test(given.get('COMPOSE_DISABLE_ENV_FILE') ?? '')) return []
  const file = join(directory, '.env')
  return (await isFile(file)) ? [file] : []
}
