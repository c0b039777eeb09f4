// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** What happens at the call that was asked for: it fails, whoever makes it dies, or it stands still until it is let go. */
export type Action = 'count' | 'fail' | 'die' | 'hold'

/** When something is to happen, and what. */
export interface Order {
  /** Which call from now on, from 1; 0: none. */
  readonly wanted: number
  /** Which calls count: bits of `Kind` in addon/test/faults/fault_calls.h. */
  readonly kinds: number
  readonly action: Action
  readonly errno: number
  /** Whether the calls after it fail as well. */
  readonly lasting: boolean
  /** The calls of that name alone: `pivot_root`. */
  readonly only?: string
}

/** What came of an order so far. */
export interface Came {
  readonly counted: number
  readonly hit: boolean
  /** The call that was hit, and where in the program it is made. */
  readonly call: string
  readonly site: number
  /** The signal of a process of the engine that crashed by itself; 0: none did. */
  readonly crashed: number
}

const actions: readonly Action[] = ['count', 'fail', 'die', 'hold']
const words = 12
const nameBytes = 32
const sites = 16_384
const sitesAt = words * 8 + 2 * nameBytes
const size = sitesAt + sites * 4
const letGoWord = 8

/** The file by which the supervisor of the tests is told (addon/test/faults/fault_control.h has the layout). */
export class FaultFile {
  readonly #fd: number
  /** A process whose calls do not count. */
  spared = 0

  constructor(runRoot: string) {
    const path = join(runRoot, 'faults')
    writeFileSync(path, Buffer.alloc(size))
    this.#fd = openSync(path, 'r+')
  }

  arm({ wanted, kinds, action, errno, lasting, only = '' }: Order): void {
    this.#write(0, [0, wanted, kinds, actions.indexOf(action), errno, Number(lasting), 0, 0, 0, 0, this.spared, 0])
    const names = Buffer.alloc(2 * nameBytes)
    names.write(only, nameBytes, nameBytes - 1, 'latin1')
    writeSync(this.#fd, names, 0, names.length, words * 8)
    this.#write(0, [1])
  }

  disarm(): void {
    this.#write(0, [0])
    this.letGo()
  }

  /** Whoever stands at the call goes on. */
  letGo(): void {
    this.#write(letGoWord, [1])
  }

  get came(): Came {
    const buffer = Buffer.alloc(words * 8 + nameBytes)
    readSync(this.#fd, buffer, 0, buffer.length, 0)
    const word = (index: number) => Number(buffer.readBigInt64LE(index * 8))
    const call = buffer.toString('latin1', words * 8).replace(/\0.*$/s, '')
    return { counted: word(6), hit: word(7) === 1, call, site: word(11), crashed: word(9) }
  }

  /** Where in the program each call was made that was counted. */
  sitesOf(counted: number): readonly number[] {
    const buffer = Buffer.alloc(Math.min(counted, sites) * 4)
    readSync(this.#fd, buffer, 0, buffer.length, sitesAt)
    return [...new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length / 4)]
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(word: number, values: readonly number[]): void {
    const buffer = Buffer.alloc(values.length * 8)
    for (const [index, value] of values.entries()) buffer.writeBigInt64LE(BigInt(value), index * 8)
    writeSync(this.#fd, buffer, 0, buffer.length, word * 8)
  }
}
