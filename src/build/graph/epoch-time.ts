// SPDX-License-Identifier: Apache-2.0

/** Seconds since 1970 as RFC 3339, in the spelling that other builders write into images. */
export function epochTime(epoch: number): string {
  return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z')
}
