// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const headerSize = 64

/**
 * Whether a shared library (ELF, 64 bits) is there to its last byte, which its table of sections is. One that is not, since a disk was full
 * when it was installed, would be mapped all the same, and this process killed by SIGBUS at the first look beyond its end.
 */
export function isWholeLibrary(path: string): boolean {
  const header = Buffer.alloc(headerSize)
  const fd = openSync(path, 'r')
  try {
    if (readSync(fd, header, 0, headerSize, 0) < headerSize) return false
    const tableAt = header.readBigUInt64LE(40)
    const tableSize = header.readUInt16LE(58) * header.readUInt16LE(60)
    return tableAt + BigInt(tableSize) <= BigInt(fstatSync(fd).size)
  } finally {
    closeSync(fd)
  }
}
