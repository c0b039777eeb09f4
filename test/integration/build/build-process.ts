// SPDX-License-Identifier: Apache-2.0
// A program of its own that builds: ROOT RUN-ROOT, then a Dockerfile a line on standard input, as JSON; says what came of it, a line each.
import { createInterface } from 'node:readline'
import { Engine, Image } from '../../../src/index.js'

/** What it says of a build. */
export interface BuildAnswer {
  readonly id: string | null
  /** Names of the steps that no record had. */
  readonly done: readonly string[]
  readonly error: string | null
}

const [root, runRoot] = process.argv.slice(2)
if (root === undefined || runRoot === undefined) throw new Error('build-process ROOT RUN-ROOT')
const engine = await Engine.open({ root, runRoot })

const build = async (dockerfileText: string): Promise<BuildAnswer> => {
  const done: string[] = []
  try {
    const { id } = await Image.build({
      engine,
      dockerfileText,
      network: 'none',
      onProgress: (event) => {
        if (event.type === 'done') done.push(event.step.name)
      },
    })
    return { id, done, error: null }
  } catch (error) {
    return { id: null, done, error: String(error) }
  }
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await build(JSON.parse(line))))
await engine.close()
