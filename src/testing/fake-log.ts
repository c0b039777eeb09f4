// SPDX-License-Identifier: Apache-2.0
import type { LogEntry, LogsOptions } from 'tscontainer'
import { abandonable } from '../util/abort.js'

/** The log of a fake container: lines in memory, followed as those of a file. */
export class FakeLog {
  readonly #entries: LogEntry[] = []
  #changed: () => void = () => {}
  #change = this.#next()
  #ended = true

  write(line: string): void {
    const cursor = String(this.#entries.length + 1)
    const timeNs = BigInt(Date.now()) * 1_000_000n
    this.#entries.push({
      stream: 'stdout',
      line,
      bytes: new TextEncoder().encode(line),
      partial: false,
      timeNs,
      cursor,
    })
    this.#wake()
  }

  /** Whether more may come. */
  set ended(ended: boolean) {
    this.#ended = ended
    this.#wake()
  }

  async *read({ follow, since, tail, stdout, signal }: LogsOptions): AsyncGenerator<LogEntry, void> {
    signal?.throwIfAborted()
    let next = typeof since === 'string' ? Number(since) : 0
    if (tail !== undefined) next = Math.max(next, this.#entries.length - tail)
    const after = since instanceof Date ? BigInt(since.getTime()) * 1_000_000n : 0n
    for (;;) {
      const change = this.#change
      for (const entry of this.#entries.slice(next)) if (stdout !== false && entry.timeNs >= after) yield entry
      const seen = next
      next = this.#entries.length
      if (!follow || (this.#ended && seen === next)) return
      if (seen === next) await abandonable(change, signal)
    }
  }

  #wake(): void {
    const changed = this.#changed
    this.#change = this.#next()
    changed()
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve
    })
  }
}
