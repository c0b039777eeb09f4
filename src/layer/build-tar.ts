// SPDX-License-Identifier: Apache-2.0

/** A file of our own making, for a layer that is written rather than unpacked. */
export type TarItem =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly data: Uint8Array }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }

const block = 512
const maxOctalSize = 0o77777777777
const typeFlags = { file: '0', symlink: '2', directory: '5', pax: 'x' } as const

/**
 * The items as a tar (ustar, with PAX records for what does not fit), sorted by path, everything root's and of the year 1970: the
 * same items make the same bytes.
 */
export function buildTar(items: readonly TarItem[]): Buffer {
  const sorted = [...items].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  return Buffer.concat([...sorted.flatMap(entryOf), Buffer.alloc(2 * block)])
}

/** What comes before the data of a file in such a tar, for files that are too large to be at hand. `mtime` in seconds, 0 by default. */
export function tarFileHeader(file: {
  readonly path: string
  readonly mode: number
  readonly size: number
  readonly mtime?: number | undefined
}): Buffer {
  return Buffer.concat(headersOf({ ...file, target: '', flag: typeFlags.file }))
}

/** What comes after it. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block)
}

/** What comes after everything. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * block)
}

function entryOf(item: TarItem): Buffer[] {
  const path = item.type === 'directory' ? `${item.path}/` : item.path
  const target = item.type === 'symlink' ? item.target : ''
  const data = item.type === 'file' ? item.data : new Uint8Array()
  const mode = item.type === 'symlink' ? 0o777 : item.mode
  return [...headersOf({ path, target, mode, size: data.length, flag: typeFlags[item.type] }), padded(data)]
}

function headersOf(entry: Header): Buffer[] {
  const { path, target, size } = entry
  const records = [
    ...(fits(path) ? [] : [record('path', path)]),
    ...(fits(target) ? [] : [record('linkpath', target)]),
    ...(size <= maxOctalSize ? [] : [record('size', String(size))]),
  ]
  if (records.length === 0) return [header(entry)]
  const pax = Buffer.concat(records)
  const shown = { ...entry, size: size <= maxOctalSize ? size : 0 }
  return [
    header({ path: 'pax', target: '', mode: 0o644, size: pax.length, flag: typeFlags.pax }),
    padded(pax),
    header(shown),
  ]
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= 100 && !/[^\x20-\x7e]/.test(text)
}

// `<length> <key>=<value>\n`, where the length counts its own digits.
function record(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

interface Header {
  readonly path: string
  readonly target: string
  readonly mode: number
  readonly size: number
  readonly flag: string
  readonly mtime?: number | undefined
}

function header({ path, target, mode, size, flag, mtime = 0 }: Header): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, offset: number, digits: number) =>
    bytes.write(`${value.toString(8).padStart(digits, '0')}\0`, offset, 'ascii')
  bytes.write(path, 0, 100)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(mtime, 136, 11)
  bytes.fill(' ', 148, 156)
  bytes.write(flag, 156, 'ascii')
  bytes.write(target, 157, 100)
  bytes.write('ustar\x0000', 257, 'ascii')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii')
  return bytes
}

function padded(data: Uint8Array): Buffer {
  const whole = Buffer.alloc(Math.ceil(data.length / block) * block)
  whole.set(data)
  return whole
}
