// SPDX-License-Identifier: Apache-2.0
// How do I pull an image, and show how far that is? `npx tsx examples/pull.ts debian:bookworm-slim`
import { EngineError, Image, type PullProgress } from 'tscontainer'

const reference = process.argv[2] ?? 'debian:bookworm-slim'
const { stdout } = process
const bars = new Map<string, string>()
let total = ''
let drawn = 0

const bar = (part: number): string => `[${'#'.repeat(Math.round(part * 30)).padEnd(30)}]`
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

// One line for each layer, and one for all of them; drawn anew over the old ones where it is a terminal.
const draw = (step: PullProgress): void => {
  if (step.type === 'resolved') console.log(`${step.reference} is ${step.digest}`)
  if (step.type !== 'layer' && step.type !== 'total') return
  const name = step.type === 'layer' ? `${step.digest.slice(7, 19)} ${step.phase.padEnd(8)}` : 'total'.padEnd(21)
  const part = step.totalBytes === 0 ? 1 : step.bytes / step.totalBytes
  const line = `${name} ${bar(part)} ${mebibytes(step.totalBytes)}`
  if (step.type === 'layer') bars.set(step.digest, line)
  else total = line
  if (!stdout.isTTY) return
  stdout.moveCursor(0, -drawn)
  for (const text of [...bars.values(), total]) stdout.write(`\r${text}\x1b[K\n`)
  drawn = bars.size + 1
}

const pull = Image.pull(reference)
try {
  for await (const step of pull) draw(step)
} catch (error) {
  if (!EngineError.is(error)) throw error
  console.error(`${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}`)
  process.exit(1)
}
if (!stdout.isTTY) for (const line of [...bars.values(), total]) console.log(line)
const image = await pull
console.log(`${image.layers.length} layers, ${mebibytes(image.sizeBytes)}`)
