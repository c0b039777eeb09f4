// SPDX-License-Identifier: Apache-2.0

/** One line, or a part of an overlong line, that a container's main process wrote. */
export interface LogEntry {
  /** Where it was written. */
  readonly stream: 'stdout' | 'stderr'
  /** The text without its newline; bytes that are no UTF-8 are replaced, see `bytes`. */
  readonly line: string
  /** As they were written, without the newline. */
  readonly bytes: Uint8Array
  /** True if the newline had not come yet, or the line was cut because of its length. */
  readonly partial: boolean
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  /** Where to go on reading from: `since` of {@link Container.logs}; empty with `driver: 'callback'`. */
  readonly cursor: string
}
