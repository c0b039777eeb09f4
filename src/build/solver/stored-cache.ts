// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import { type FileLocker, withLock } from '../../store/file-locker.js'
import type { Store } from '../../store/store.js'
import { KeyedMutex } from '../../util/keyed-mutex.js'
import type { WorkCache } from './work.js'

// One process waits for itself here, and for others at the lock file, where waiting is polling.
const working = new KeyedMutex()

/** The cache of a store, which all builds on it share. Whoever uses it holds a lease. */
export function storedCache({ store, locker }: { readonly store: Store; readonly locker: FileLocker }): WorkCache {
  const { builds, paths } = store
  return {
    alias: async ({ digest }) => {
      const key = await builds.alias(digest)
      return key && { digest: key }
    },
    setAlias: ({ digest }, key) => builds.setAlias(digest, key),
    get: ({ digest }) => builds.get(digest),
    put: (record) => builds.put(record),
    alone: <T>(key: Digest, signal: AbortSignal, work: () => Promise<T>) => {
      const path = paths.buildLock(key)
      return working.run(path, () => withLock(locker, { path, mode: 'exclusive', signal }, work), signal)
    },
  }
}
