// SPDX-License-Identifier: Apache-2.0

/** An entry of a tar, times left out. */
export interface TarMember {
  readonly path: string
  readonly type: 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly target: string
  readonly device: readonly [number, number]
  readonly xattrs: Readonly<Record<string, Buffer>>
  readonly data: Buffer
}

const types = {
  '0': 'file',
  '\0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
} as const

/** Reads a whole tar (ustar, PAX, GNU long names) of a program that the tests trust. Throws on a kind of entry it does not know. */
export const readTar = (tar: Buffer): TarMember[] => {
  const members: TarMember[] = []
  let extra = new Map<string, Buffer>()
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512)
    if (header.every((byte) => byte === 0)) break
    const size = extra.has('size') ? Number(extra.get('size')) : number(header, 124, 12)
    const data = tar.subarray(at + 512, at + 512 + size)
    const flag = header.toString('latin1', 156, 157)
    at += 512 + Math.ceil(size / 512) * 512
    if (flag === 'g') continue
    if (flag === 'x') extra = new Map([...extra, ...paxRecords(data)])
    else if (flag === 'L' || flag === 'K') extra.set(flag === 'L' ? 'path' : 'linkpath', data.subarray(0, size - 1))
    else {
      members.push(member(header, flag, data, extra))
      extra = new Map()
    }
  }
  return members
}

const member = (header: Buffer, flag: string, data: Buffer, extra: ReadonlyMap<string, Buffer>): TarMember => {
  const type = types[flag as keyof typeof types]
  if (type === undefined) throw new Error(`a tar entry of type ${JSON.stringify(flag)}`)
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header, 345, 155) : ''
  const name = prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`
  const xattrs = [...extra].filter(([key]) => key.startsWith('SCHILY.xattr.'))
  return {
    path: extra.get('path')?.toString() ?? name,
    type,
    mode: number(header, 100, 8),
    uid: Number(extra.get('uid') ?? number(header, 108, 8)),
    gid: Number(extra.get('gid') ?? number(header, 116, 8)),
    mtime: Math.floor(Number(extra.get('mtime') ?? number(header, 136, 12))),
    target: extra.get('linkpath')?.toString() ?? text(header, 157, 100),
    device: [number(header, 329, 8), number(header, 337, 8)],
    xattrs: Object.fromEntries(xattrs.map(([key, value]) => [key.slice('SCHILY.xattr.'.length), value])),
    data,
  }
}

const text = (header: Buffer, at: number, length: number): string => {
  const field = header.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

const number = (header: Buffer, at: number, length: number): number => {
  const first = header[at] ?? 0
  if ((first & 0x80) !== 0) return header.readUIntBE(at + length - 6, 6)
  return Number.parseInt(text(header, at, length).trim() || '0', 8)
}

const paxRecords = (data: Buffer): [string, Buffer][] => {
  const records: [string, Buffer][] = []
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at)
    const length = Number(data.toString('latin1', at, space))
    const equals = data.indexOf(0x3d, space)
    records.push([data.toString('utf8', space + 1, equals), data.subarray(equals + 1, at + length - 1)])
    at += length
  }
  return records
}
