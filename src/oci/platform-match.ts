// SPDX-License-Identifier: Apache-2.0
import { formatPlatform, normalizePlatform, type Platform } from './platform.js'

/** What runs on that platform, best first: itself, then what its processor also understands (arm v7 → v6 → v5). */
export function platformPreference(wanted: Platform): readonly Platform[] {
  const { os, architecture, variant } = normalizePlatform(wanted)
  const level = Number(/^v(\d+)/.exec(variant ?? '')?.[1] ?? 0)
  const down = (arch: string, from: number, to: number): Platform[] =>
    Array.from({ length: Math.max(from - to + 1, 0) }, (_, i) =>
      normalizePlatform({ os, architecture: arch, variant: `v${from - i}` }),
    )
  const itself = normalizePlatform({ os, architecture, variant })
  if (architecture === 'arm') return [itself, ...down('arm', level - 1, 5)]
  // Most 64-bit ARM processors run 32-bit programs; an image in 64 bits always comes first.
  if (architecture === 'arm64') return [itself, ...down('arm64', level - 1, 8), ...down('arm', 8, 5)]
  if (architecture === 'amd64') return [itself, ...down('amd64', level - 1, 1)]
  return [itself]
}

/** The candidate that fits `wanted` best, the first of several equals; undefined if none fits. */
export function bestPlatform<T extends { readonly platform?: Platform | undefined }>(
  candidates: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const acceptable of platformPreference(wanted)) {
    const spelled = formatPlatform(acceptable)
    const found = candidates.find(({ platform }) => platform && formatPlatform(normalizePlatform(platform)) === spelled)
    if (found) return found
  }
  return undefined
}
