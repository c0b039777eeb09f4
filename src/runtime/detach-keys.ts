// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'

/** Docker's: Ctrl-P, then Ctrl-Q. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q'

const named: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

/** The bytes of a sequence such as `ctrl-p,q`: single characters, or `ctrl-` with one of a-z, `@`, `[`, `\`, `]`, `^`, `_`. Empty: none. */
export function parseDetachKeys(text: string, option = 'detachKeys'): Buffer {
  if (text === '') return Buffer.alloc(0)
  return Buffer.from(text.split(',').map((key) => codeOf(key, option)))
}

function codeOf(key: string, option: string): number {
  const control = /^ctrl-(.)$/.exec(key)?.[1]
  const code = control === undefined ? plainCode(key) : (named[control] ?? letterCode(control))
  if (code !== undefined) return code
  throw invalidArgument(option, `${quoted(key)} is no key`, "write for example 'ctrl-p,ctrl-q', or '' for none")
}

const plainCode = (key: string) => (/^[\x20-\x7e]$/.test(key) ? key.charCodeAt(0) : undefined)
const letterCode = (letter: string) => (/^[a-z]$/.test(letter) ? letter.charCodeAt(0) - 96 : undefined)

/** Looks for a sequence of keys in what is typed. What may become one is held until it is clear that it does not. */
export class DetachKeyFilter {
  readonly #keys: Buffer
  #matched = 0

  constructor(keys: Buffer) {
    this.#keys = keys
  }

  /** What goes through; `detached`: the sequence came, and everything after it is dropped. */
  take(chunk: Uint8Array): { readonly through: Buffer; readonly detached: boolean } {
    const keys = this.#keys
    if (keys.length === 0) return { through: Buffer.from(chunk), detached: false }
    const out: number[] = []
    for (const byte of chunk) {
      if (byte !== keys[this.#matched]) {
        out.push(...keys.subarray(0, this.#matched))
        this.#matched = 0
      }
      if (byte !== keys[this.#matched]) out.push(byte)
      else if (++this.#matched === keys.length) return { through: Buffer.from(out), detached: true }
    }
    return { through: Buffer.from(out), detached: false }
  }
}
