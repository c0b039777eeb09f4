// SPDX-License-Identifier: Apache-2.0
import type { Container, Engine } from '../../src/index.js'
import { type Use, useOf } from './use.js'

/** What so many execs cost that should cost nothing. */
export interface Soaked {
  readonly count: number
  readonly seconds: number
  /** After the first tenth, when everything is warm. */
  readonly before: Use
  readonly after: Use
}

const atOnce = 4

/** Runs `echo` that often in one container, a few at a time, and looks at each result; throws at the first that is wrong. */
export async function soakExecs(engine: Engine, box: Container, count: number): Promise<Soaked> {
  const started = performance.now()
  const warm = Math.ceil(count / 10)
  await runAll(box, 0, warm)
  const before = await useOf(engine)
  await runAll(box, warm, count)
  return { count, seconds: (performance.now() - started) / 1000, before, after: await useOf(engine) }
}

async function runAll(box: Container, from: number, to: number): Promise<void> {
  let next = from
  const worker = async () => {
    for (let index = next++; index < to; index = next++) await runOne(box, index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function runOne(box: Container, index: number): Promise<void> {
  const code = index % 3
  const argv =
    code === 0 ? ['echo', `out ${index}`] : ['sh', '-c', `echo out ${index}; echo err ${index} >&2; exit ${code}`]
  const { stdout, stderr, exitCode } = await box.exec(argv, { check: false })
  const right = stdout === `out ${index}\n` && stderr === (code === 0 ? '' : `err ${index}\n`) && exitCode === code
  if (!right) throw new Error(`exec ${index}: ${JSON.stringify({ stdout, stderr, exitCode })}`)
}
