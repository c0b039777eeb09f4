// SPDX-License-Identifier: Apache-2.0

/** What the store needs of locks between processes: they end with their holder. src/native has the real one. */
export interface FileLocker {
  /** Waits for the lock on that file, which is made if need be; rejects with the signal's reason if that aborts first. */
  lock(
    path: string,
    mode: 'shared' | 'exclusive',
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<HeldLock>
}

/** A lock that is held until it is released or its process ends. */
export interface HeldLock {
  release(): Promise<void>
}

/** Runs `work` while holding the lock. */
export async function withLock<T>(
  locker: FileLocker,
  lock: { readonly path: string; readonly mode: 'shared' | 'exclusive'; readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const held = await locker.lock(lock.path, lock.mode, { signal: lock.signal })
  try {
    return await work()
  } finally {
    await held.release()
  }
}
