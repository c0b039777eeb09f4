// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink } from 'node:fs/promises'
import { isId } from '../util/random-id.js'
import { fileStep, isMissing } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** Which container has which name, and which ids there are: symlinks in names/, directories in containers/. */
export class ContainerNames {
  readonly #paths: StorePaths

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  /** The id of the container with that name; undefined if there is none. */
  async resolve(name: string): Promise<string | undefined> {
    const path = this.#paths.name(name)
    try {
      const id = await readlink(path)
      return isId(id) ? id : undefined
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // EINVAL: no symlink, so nobody's name.
      if (code === 'ENOENT' || code === 'EINVAL') return undefined
      return await fileStep('read name', path, () => Promise.reject(error))
    }
  }

  /** The full ids of all containers that have a directory. */
  async ids(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#paths.containers)).filter(isId)
    } catch (error) {
      if (isMissing(error)) return []
      return await fileStep('list', this.#paths.containers, () => Promise.reject(error))
    }
  }
}
