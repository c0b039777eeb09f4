// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** In which ways a program was come to a step at which a fault struck: other operations need not walk these again. */
export class StruckWays {
  readonly #path: string
  readonly #lines: Set<string>

  private constructor(path: string, lines: Set<string>) {
    this.#path = path
    this.#lines = lines
  }

  /** Those of that user so far, which are kept beside the build. Where a function on a way is another one since, so is the way. */
  static of(who: string): StruckWays {
    const path = fileURLToPath(new URL(`../../build/faults-${who}.txt`, import.meta.url))
    if (!existsSync(path)) writeFileSync(path, '')
    return new StruckWays(path, new Set(readFileSync(path, 'utf8').split('\n').filter(Boolean)))
  }

  has(fault: string, way: number): boolean {
    return this.#lines.has(`${fault} ${way}`)
  }

  add(fault: string, way: number): void {
    const line = `${fault} ${way}`
    if (this.#lines.has(line)) return
    this.#lines.add(line)
    appendFileSync(this.#path, `${line}\n`)
  }
}
