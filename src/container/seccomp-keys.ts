// SPDX-License-Identifier: Apache-2.0
import type { Connection } from '../native/connection.js'
import type { SeccompSpec } from '../oci/runtime-spec-seccomp.js'

/** The names of compiled filters. A filter is sent once; its program stays with the supervisor and on disk. */
export class SeccompKeys {
  readonly #keys = new WeakMap<SeccompSpec, Promise<string>>()

  /** Its key; null for no filter. */
  async key(connection: Connection, filter: SeccompSpec | null): Promise<string | null> {
    if (filter === null) return null
    let key = this.#keys.get(filter)
    if (key === undefined) {
      key = connection.request('seccomp', { profile: filter }).then(({ result }) => result.key)
      this.#keys.set(filter, key)
      key.catch(() => this.#keys.delete(filter))
    }
    return await key
  }
}
