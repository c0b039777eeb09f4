// SPDX-License-Identifier: Apache-2.0
// Formats everything: Biome and clang-format 14. With --check nothing is written, and what is not formatted is an error.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './lib/paths.mjs'
import { bin, must, run, Stop, script } from './lib/run.mjs'

const sources = (folder) =>
  readdirSync(join(top, folder), { recursive: true })
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => join(folder, name))

await script(() => {
  const checking = process.argv.includes('--check')
  const [node, biome] = bin('@biomejs/biome/bin/biome')
  must(node, [biome, 'check', ...(checking ? [] : ['--write'])])
  const files = ['addon', 'bench', 'test/fuzz'].flatMap((folder) => {
    try {
      return sources(folder)
    } catch {
      return []
    }
  })
  const status = run('clang-format', [...(checking ? ['--dry-run', '--Werror'] : ['-i']), ...files])
  if (status !== 0) throw new Stop('clang-format found files to format: run `npm run format`')
})
