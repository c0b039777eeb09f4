// SPDX-License-Identifier: Apache-2.0
// "Up to date" by content, not by time: a checkout that root built and an ordinary user then uses must not be built again.
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { top } from './paths.mjs'

const filesOf = (path) => {
  const full = join(top, path)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path]
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesOf(join(path, name)))
}

/** A digest over the names and contents of files and whole directories, and over `extra`. */
export const fingerprint = (paths, extra = '') => {
  const hash = createHash('sha256').update(extra)
  for (const file of paths.flatMap(filesOf)) hash.update(`\0${file}\0`).update(readFileSync(join(top, file)))
  return hash.digest('hex')
}

/** What a build left about itself, or undefined. */
export const readStamp = (path) => {
  try {
    return JSON.parse(readFileSync(join(top, path), 'utf8'))
  } catch {
    return undefined
  }
}

export const writeStamp = (path, value) => writeFileSync(join(top, path), `${JSON.stringify(value)}\n`)

/** Whether we may write `path`, or create it. */
export const writable = (path) => {
  const full = join(top, path)
  try {
    accessSync(existsSync(full) ? full : dirname(full), constants.W_OK)
    return true
  } catch {
    return false
  }
}
