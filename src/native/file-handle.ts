// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { nativeError } from '../errors/native-failure.js'
import { addon } from './addon.js'
import type { OwnedDescriptor } from './descriptor.js'
import { nativeCall } from './native-call.js'

// O_PATH of open(2): a mere location, which needs no permission. Node does not name it.
const location = 0o10000000

/**
 * A FileHandle of Node's own for a descriptor, which it owns from now on. Node makes one for a path only, so its number is made to stand for
 * another file (dup3): opening it again by /proc/self/fd would ask whether this user may, and a file of a container may be anybody's.
 */
export async function fileHandleFor(descriptor: OwnedDescriptor): Promise<FileHandle> {
  try {
    const handle = await open('/', constants.O_DIRECTORY | location).catch((error: NodeJS.ErrnoException) => {
      throw nativeError({ step: 'make file handle', errno: error.code ?? 'EIO', object: '' })
    })
    const { fd } = handle
    try {
      nativeCall(() => addon().replaceDescriptor(fd, descriptor.fd))
      return handle
    } catch (error) {
      await handle.close()
      throw error
    }
  } finally {
    descriptor.close()
  }
}
