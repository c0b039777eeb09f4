// SPDX-License-Identifier: Apache-2.0
import type { ByteSize } from '../util/byte-size.js'
import { checkName } from '../util/object-name.js'
import { type Check, check, type Shape } from '../util/validate.js'

/** How to make a volume. */
export interface VolumeCreateOptions {
  /** 1 to 128 letters, digits, underscores, points and hyphens; made up where it is missing. */
  readonly name?: string | undefined
  /** Anything; nothing happens because of them. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** The most it may hold, in bytes or with a unit; no limit by default. ERR_LIMIT_UNSUPPORTED where the store has no such limits. */
  readonly size?: ByteSize | undefined
  /** What keeps it: `'local'`, the default. */
  readonly driver?: string | undefined
  /**
   * The driver's. `local` has those of Docker's: `type`, `device` and `o`, as of mount(8). `{ type: 'tmpfs', o: 'size=64m' }` is in memory, and empty
   * again when no container has it any more; `{ type: 'none', device: '/srv/data', o: 'bind' }` is a directory of the host;
   * `{ type: 'nfs', device: ':/export', o: 'addr=192.0.2.1,vers=4' }` needs root and the kernel's nfs.
   */
  readonly options?: Readonly<Record<string, string>> | undefined
  /** Aborted before: nothing happens. */
  readonly signal?: AbortSignal | undefined
}

/** Which volumes to list; all that is given has to hold. */
export interface VolumeFilter {
  /** Labels that it has, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** True: those that nobody gave a name; false: the others. */
  readonly anonymous?: boolean | undefined
  /** Aborted: the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** Which volumes to remove. Those that a container uses stay in any case, stopped ones included. */
export interface PruneVolumesOptions {
  /** Also those that have a name; false by default. */
  readonly all?: boolean | undefined
  /** Only those that have these labels, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Only those that were made before. */
  readonly until?: Date | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const name: Check = (value, option) => void checkName(value, option)
const labels = check.recordOf(check.string)

export const createVolumeShape: Shape<VolumeCreateOptions> = {
  name,
  labels,
  size: check.byteSize,
  driver: check.nonEmptyString,
  options: labels,
  signal: check.signal,
}
export const volumeFilterShape: Shape<VolumeFilter> = { labels, anonymous: check.boolean, signal: check.signal }
export const pruneVolumesShape: Shape<PruneVolumesOptions> = {
  all: check.boolean,
  labels,
  until: check.date,
  signal: check.signal,
}
