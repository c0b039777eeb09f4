// SPDX-License-Identifier: Apache-2.0
import { openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'

// As in addon/test/faults/fault_control.h.
const words = 17
const nameBytes = 32
const ways = 16_384
const word = { armed: 0, wanted: 1, kinds: 2, action: 3, error: 4, lasting: 5, counted: 6, hit: 7 } as const
const [way, come, hitProcess, hitNumber, hitWay] = [12, 13, 14, 15, 16] as const
const [failAction, dieAction] = [1, 2] as const

const hashOf = (text: string): number => {
  let hash = 2166136261
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 16777619)
  return hash >>> 0 || 1
}

// What Node calls it in the errors of these.
const syscalls: Readonly<Record<string, string>> = { writeFile: 'write', appendFile: 'write', readFile: 'read' }

const lines = readFileSync(process.argv[1] ?? '', 'utf8').split('\n')

// What stands there, so that a change elsewhere in the program leaves a way the same.
const textAt = (place: string): string => {
  const [line, column] = place.split(':').slice(1)
  return `${lines[Number(line) - 1]?.trim()}:${column}`
}

// How the program comes here: its functions on the stack, and those that wait for them.
const wayHere = (call: string): number => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 64
  const { stack = '' } = new Error(call)
  Error.stackTraceLimit = limit
  const places = [...new Set(stack.match(/program\.mjs:\d+:\d+/g))].slice(3)
  return hashOf(`${call} ${places.map(textAt).join(' ')}`)
}

/** What is to go wrong at which call, read from the file at each of them. */
export class NodeFaults {
  readonly #fd: number
  readonly #read = readSync
  readonly #write = writeSync

  constructor(path: string) {
    this.#fd = openSync(path, 'r+')
  }

  /** The error with which that call is to fail; undefined where it goes on. It may be the end of this process. */
  meets(call: string, kinds: number): Error | undefined {
    const control = Buffer.alloc(words * 8)
    this.#read(this.#fd, control, 0, control.length, 0)
    const get = (index: number) => Number(control.readBigInt64LE(index * 8))
    if (get(word.armed) !== 1 || (kinds & get(word.kinds)) === 0) return undefined
    const isHit = get(word.hit) === 1
    if (isHit && get(word.lasting) === 1) return this.#errorOf(call, get(word.error))
    const [number, here] = [get(word.counted) + 1, wayHere(call)]
    this.#set(word.counted, number)
    if (number <= ways)
      this.#put(words * 8 + 2 * nameBytes + (number - 1) * 4, Buffer.from(Uint32Array.of(here).buffer))
    if (!this.#isWanted({ number, here, get })) return undefined
    this.#set(word.hit, 1)
    this.#put(words * 8, Buffer.from(`${call}\0`))
    for (const [index, value] of [
      [hitProcess, process.pid],
      [hitNumber, number],
      [hitWay, here],
    ] as const)
      this.#set(index, value)
    if (get(word.action) === dieAction) process.kill(process.pid, 'SIGKILL')
    return get(word.action) === failAction ? this.#errorOf(call, get(word.error)) : undefined
  }

  #isWanted({
    number,
    here,
    get,
  }: {
    readonly number: number
    readonly here: number
    readonly get: (index: number) => number
  }): boolean {
    if (get(way) === 0) return number === get(word.wanted)
    if (here !== get(way)) return false
    const times = get(come) + 1
    this.#set(come, times)
    return times === get(word.wanted)
  }

  #errorOf(call: string, errno: number): Error {
    const code = getSystemErrorName(-errno)
    const syscall = syscalls[call] ?? call
    return Object.assign(new Error(`${code}: as a test wants it, ${call}`), { errno: -errno, code, syscall })
  }

  #set(index: number, value: number): void {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(BigInt(value))
    this.#put(index * 8, buffer)
  }

  #put(at: number, bytes: Buffer): void {
    this.#write(this.#fd, bytes, 0, bytes.length, at)
  }
}
