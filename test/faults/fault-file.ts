// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** What happens at the call that was asked for: it fails, whoever makes it dies, or it stands still until it is let go. */
export type Action = 'count' | 'fail' | 'die' | 'hold'

/** When something is to happen, and what. */
export interface Order {
  /** Which call from now on, from 1; 0: none. */
  readonly wanted: number
  /** Only calls that are come to in that way count for `wanted`; 0 or none: all. */
  readonly way?: number
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
  /** The call that was hit: which, where in the program it is made, and in which way the program comes there. */
  readonly number: number
  readonly call: string
  readonly site: number
  readonly way: number
  /** The process that made it, as it sees itself: 1 in a namespace of its own. */
  readonly process: number
  /** The signal of a process of the engine that crashed by itself; 0: none did. */
  readonly crashed: number
}

const actions: readonly Action[] = ['count', 'fail', 'die', 'hold']
const words = 17
const nameBytes = 32
const ways = 16_384
const waysAt = words * 8 + 2 * nameBytes
const size = waysAt + ways * 4
const [letGoWord, lifeWord] = [8, 10]

/** The file by which the supervisor of the tests, or a program of theirs (node-calls.ts), is told (addon/test/faults/fault_control.h has the layout). */
export class FaultFile {
  readonly #fd: number
  #life = 0

  constructor(runRoot: string, name: 'faults' | 'faults-node') {
    const path = join(runRoot, name)
    writeFileSync(path, Buffer.alloc(size))
    this.#fd = openSync(path, 'r+')
  }

  arm({ wanted, way = 0, kinds, action, errno, lasting, only = '' }: Order): void {
    const asked = [0, wanted, kinds, actions.indexOf(action), errno, Number(lasting)]
    this.#write(0, [...asked, 0, 0, 0, 0, this.#life, 0, way, 0, 0, 0, 0])
    const names = Buffer.alloc(2 * nameBytes)
    names.write(only, nameBytes, nameBytes - 1, 'latin1')
    writeSync(this.#fd, names, 0, names.length, words * 8)
    this.#write(0, [1])
  }

  disarm(): void {
    this.#write(0, [0])
    this.letGo()
  }

  /** From now on only supervisors that start from now on count, with all that comes of them. */
  begin(): void {
    this.#write(lifeWord, [++this.#life])
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
    return {
      counted: word(6),
      hit: word(7) === 1,
      number: word(15),
      call,
      site: word(11),
      way: word(16),
      process: word(14),
      crashed: word(9),
    }
  }

  /** How each call that was counted is come to, in order: a number for all that is on the stack then. */
  waysOf(counted: number): readonly number[] {
    const buffer = Buffer.alloc(Math.min(counted, ways) * 4)
    readSync(this.#fd, buffer, 0, buffer.length, waysAt)
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
