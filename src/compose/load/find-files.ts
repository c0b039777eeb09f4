// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { composeInvalid } from '../document/compose-error.js'

const names = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const overrides = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
]

/** The compose file of the directory or of the next one above that has one, and its override file. ERR_COMPOSE_INVALID where there is none. */
export async function findFiles(directory: string): Promise<readonly string[]> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const file = await firstOf(at, names)
    if (file !== undefined) return [file, await firstOf(at, overrides)].filter((found) => found !== undefined)
    if (at === dirname(at))
      throw composeInvalid({
        file: directory,
        problem: 'there is no compose file here, nor above',
        hint: `name it ${names[0]}`,
      })
  }
}

async function firstOf(directory: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const name of candidates) if (await isFile(join(directory, name))) return join(directory, name)
  return undefined
}

/** Whether a regular file is there, or a link to one. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )

/** Whether a directory is there, or a link to one. */
export const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
