// SPDX-License-Identifier: Apache-2.0
// One process of the mix, ROOT RUN-ROOT REGISTRY NAME: does one thing after another, by chance, and writes a line of JSON for each, until its
// input ends.
import { Engine } from '../../src/index.js'
import { mixDeeds } from './mix-deeds.js'

/** What an actor tells. */
export interface MixLine {
  readonly deed: string
  /** Where it was not right. */
  readonly wrong?: string
}

const [, , root = '', runRoot = '', registry = '', name = ''] = process.argv
let ending = false
process.stdin.on('end', () => {
  ending = true
})
process.stdin.resume()

const tell = (line: MixLine) => process.stdout.write(`${JSON.stringify(line)}\n`)
const lottery = Object.entries(mixDeeds).flatMap(([deed, { weight }]) => Array.from({ length: weight }, () => deed))

const engine = await Engine.open({ root, runRoot })
let count = 0
const place = { engine, registry, unique: () => `${name}-${++count}` }
while (!ending) {
  const deed = lottery[Math.floor(Math.random() * lottery.length)] ?? 'once'
  try {
    await mixDeeds[deed]?.deed(place)
    tell({ deed })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
    tell({ deed, wrong: error instanceof Error ? `${error.message}${cause}` : String(error) })
  }
}
await engine.close()
