// SPDX-License-Identifier: Apache-2.0
import { debugLog } from '../util/debug-log.js'
import { addon } from './addon.js'
import { nativeCall } from './native-call.js'

// In debug runs only: an owner that was forgotten is a bug to be seen, not a way to close.
const forgotten = process.env.NODE_DEBUG?.includes('tscontainer')
  ? new FinalizationRegistry<number>((fd) => {
      if (addon().closeDescriptor(fd)) debugLog('descriptor %d was never closed', fd)
    })
  : undefined

/** A file descriptor with one owner: closed once, or given away once. */
export class OwnedDescriptor {
  #fd: number | undefined

  /** Takes over a descriptor that came from the addon. */
  constructor(fd: number) {
    this.#fd = fd
    forgotten?.register(this, fd, this)
  }

  /** The number, for the duration of a call. Throws once it is closed or given away. */
  get fd(): number {
    if (this.#fd === undefined) throw new TypeError('the descriptor is closed')
    return this.#fd
  }

  /** Whether it was closed or given away. */
  get closed(): boolean {
    return this.#fd === undefined
  }

  /** Gives it away: whoever called closes it. */
  take(): number {
    const fd = this.#forget()
    addon().releaseDescriptor(fd)
    return fd
  }

  /** Closes it; nothing happens the second time. */
  close(): void {
    if (this.#fd !== undefined) addon().closeDescriptor(this.#forget())
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #forget(): number {
    const fd = this.fd
    this.#fd = undefined
    forgotten?.unregister(this)
    return fd
  }
}

/** Opens a directory as a mere location (O_PATH). */
export function openDirectory(path: string): OwnedDescriptor {
  return new OwnedDescriptor(nativeCall(() => addon().openDirectory(path)))
}

/** A second descriptor for the same open file, close-on-exec. */
export function duplicate(fd: number): OwnedDescriptor {
  return new OwnedDescriptor(nativeCall(() => addon().duplicateDescriptor(fd)))
}

/** The two ends of a new pipe. */
export interface Pipe {
  readonly readEnd: OwnedDescriptor
  readonly writeEnd: OwnedDescriptor
}

/**
 * Makes a pipe; both ends are blocking, so that either can be a program's standard stream. `sizeBytes`: how much it is to hold, where the
 * user may have that much.
 */
export function createPipe(sizeBytes?: number): Pipe {
  const [readEnd, writeEnd] = nativeCall(() => addon().pipe())
  if (sizeBytes !== undefined) addon().growPipe(writeEnd, sizeBytes)
  return { readEnd: new OwnedDescriptor(readEnd), writeEnd: new OwnedDescriptor(writeEnd) }
}
