// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const top = join(import.meta.dirname, '../../..')

// What the package `bun` would find in its install script, which is not run.
const bun = () => {
  const require = createRequire(createRequire(import.meta.url).resolve('bun/package.json'))
  return join(dirname(require.resolve('@oven/bun-linux-x64/package.json')), 'bin/bun')
}

const runInBun = async (name: string, text: string): Promise<unknown> => {
  const path = join(host.directory, name)
  await writeFile(path, text)
  const { stdout } = await promisify(execFile)(bun(), [path], { env: { ...process.env, HOME: host.directory } })
  return JSON.parse(stdout)
}

test.each([
  ['ESM', 'esm.mjs', `import { Engine, Container, Image } from ${JSON.stringify(join(top, 'dist/index.js'))}`],
  [
    'CommonJS',
    'cjs.cjs',
    `const { Engine, Container, Image } = require(${JSON.stringify(join(top, 'dist/index.cjs'))})`,
  ],
])(
  'it imports the package as %s, and an engine says what is missing instead of ending the process',
  async (_, name, load) => {
    const program = `${load}
    const main = async () => {
      const engine = await Engine.open(${JSON.stringify({ root: join(host.directory, 'bun/root'), runRoot: join(host.directory, 'bun-run') })})
      const code = (promise) => promise.then(() => 'done', ({ code, hint }) => code + ': ' + hint)
      const uses = [engine.info(), Image.host({ engine }), Container.run('debian', { engine, pull: 'never' }), Container.list({ engine })]
      console.log(JSON.stringify({ version: process.versions.bun, answers: await Promise.all(uses.map(code)) }))
      await engine.close()
    }
    main()`
    const { version, answers } = (await runInBun(name, program)) as { version: string; answers: readonly string[] }
    expect(version).toMatch(/^\d+\./)
    expect(new Set(answers)).toEqual(new Set(['ERR_HOST_UNSUPPORTED: run this program with Node 20 or newer']))
  },
)
