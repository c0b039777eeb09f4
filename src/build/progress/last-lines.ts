// SPDX-License-Identifier: Apache-2.0
import { StringDecoder } from 'node:string_decoder'

const maxLineLength = 1000

/** The last lines of what two streams wrote, in the order of arrival; long ones are cut. */
export class LastLines {
  readonly #limit: number
  readonly #lines: string[] = []
  readonly #open = { stdout: '', stderr: '' }
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }

  constructor(limit: number) {
    this.#limit = limit
  }

  add(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.#lines.push(...this.take(stream, chunk).slice(-this.#limit))
    this.#lines.splice(0, Math.max(0, this.#lines.length - this.#limit))
  }

  /** The lines that the chunk ends, which are not kept. */
  take(stream: 'stdout' | 'stderr', chunk: Uint8Array): readonly string[] {
    const parts = (this.#open[stream] + this.#decoders[stream].write(Buffer.from(chunk))).split('\n')
    this.#open[stream] = (parts.pop() ?? '').slice(0, maxLineLength)
    return parts.map(cut)
  }

  /** Those that are not ended yet come last. */
  get lines(): readonly string[] {
    const open = [this.#open.stdout, this.#open.stderr].filter((line) => line !== '')
    return [...this.#lines, ...open].slice(-Math.max(this.#limit, open.length))
  }
}

const cut = (line: string): string => (line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line)
