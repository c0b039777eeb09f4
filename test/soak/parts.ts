// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AliveResult } from './alive.js'
import type { LivesResult } from './lives.js'
import type { MixResult } from './mix.js'

/** What has been measured so far, each part by its latest run. */
export interface Parts {
  /** By how many at a time. */
  readonly lives: Readonly<Record<string, LivesResult>>
  readonly alive?: AliveResult | undefined
  readonly mix?: MixResult | undefined
}

export const top = fileURLToPath(new URL('../..', import.meta.url))
const file = join(top, 'build/soak.json')

export const readParts = (): Parts => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Parts
  } catch {
    return { lives: {} }
  }
}

/** Keeps a part until the report is written. */
export const keepPart = (part: Partial<Parts>): void => {
  const known = readParts()
  mkdirSync(join(top, 'build'), { recursive: true })
  writeFileSync(file, JSON.stringify({ ...known, ...part, lives: { ...known.lives, ...part.lives } }))
}
