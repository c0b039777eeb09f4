// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const perDirectory = 100

/** A directory of so many small files, and those that are given. */
export async function makeContext(
  path: string,
  files: number,
  given: Readonly<Record<string, string>> = {},
): Promise<string> {
  for (let i = 0; i < files; i++) {
    const inside = join(path, `d${Math.floor(i / perDirectory)}`)
    if (i % perDirectory === 0) await mkdir(inside, { recursive: true })
    await writeFile(join(inside, `f${i}`), `content ${i}\n`.repeat(50))
  }
  for (const [name, content] of Object.entries(given)) await writeFile(join(path, name), content)
  // What was written a moment ago is not remembered.
  await delay(100)
  return path
}
