// SPDX-License-Identifier: Apache-2.0
// Writes dist/<entry>.js and dist/<entry>.d.ts beside the CommonJS build: they re-export it by name, so that a program which
// imports here and requires there has one engine, and a class is the same type in both worlds.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const require = createRequire(import.meta.url)

for (const entry of ['index', 'compose']) {
  const exported = Object.keys(require(join(dist, `${entry}.cjs`))).sort()
  const lines = exported.map((name) => `export const ${name} = build.${name}`)
  writeFileSync(join(dist, `${entry}.js`), `import build from './${entry}.cjs'\n\n${lines.join('\n')}\n`)
  writeFileSync(join(dist, `${entry}.d.ts`), `export * from './${entry}.cjs'\n`)
}
