// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory above dist/ or src/ that has the package.json. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  for (let directory = here; directory !== dirname(directory); directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory
  }
  return here
}
