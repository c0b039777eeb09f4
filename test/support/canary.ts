// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'

/** A directory of the host that an attack may aim at. */
export interface Canary {
  /** With a file, `canary`, and nothing else. */
  readonly outside: string
  /** Fails where anything in it is another now. */
  unharmed(): Promise<void>
}

export const makeCanary = async (directory: string): Promise<Canary> => {
  const outside = join(directory, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'canary'), 'alive')
  return {
    outside,
    unharmed: async () => {
      expect(await readFile(join(outside, 'canary'), 'utf8')).toBe('alive')
      expect(await readdir(outside)).toEqual(['canary'])
    },
  }
}
