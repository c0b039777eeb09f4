// SPDX-License-Identifier: Apache-2.0
import { getSystemErrorMap } from 'node:util'

/** The kernel's name and sentence for an error given as a number or a name: `2` → `ENOENT`, "no such file or directory". */
export function describeErrno(error: number | string): { readonly name: string; readonly message: string } {
  if (typeof error === 'string') return { name: error, message: sentences().get(error) ?? error }
  const [name, message] = getSystemErrorMap().get(-Math.abs(error)) ??
    extra.get(Math.abs(error)) ?? [`errno ${error}`, '']
  return { name, message: message || name }
}

// Linux errors that Node's map does not name.
const extra: ReadonlyMap<number, readonly [string, string]> = new Map([
  [35, ['EDEADLK', 'resource deadlock would occur']],
  [61, ['ENODATA', 'no data available']],
  [62, ['ETIME', 'timer expired']],
  [74, ['EBADMSG', 'bad message']],
  [75, ['EOVERFLOW', 'value too large for its type']],
  [84, ['EILSEQ', 'illegal byte sequence']],
  [87, ['EUSERS', 'too many users']],
  [116, ['ESTALE', 'stale file handle']],
  [117, ['EUCLEAN', 'structure needs cleaning']],
  [122, ['EDQUOT', 'disk quota exceeded']],
  [126, ['ENOKEY', 'required key not available']],
])

let byName: ReadonlyMap<string, string> | undefined

function sentences(): ReadonlyMap<string, string> {
  byName ??= new Map([...getSystemErrorMap().values(), ...extra.values()].map(([name, message]) => [name, message]))
  return byName
}
