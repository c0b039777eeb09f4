// SPDX-License-Identifier: Apache-2.0
import { Writable } from 'node:stream'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import type { SaveTarget } from '../../image/save-images.js'
import { type Check, check } from '../../util/validate.js'

/** Where an archive of a build goes: a file, which appears when it is whole, or a stream, which is ended after it. */
export type BuildArchiveTarget =
  | {
      /** The path of the file. */
      readonly path: string
    }
  | {
      /** Takes the bytes. */
      readonly stream: Exclude<SaveTarget, string>
    }

/**
 * What is written of a build beside the image in the store. `image`: nothing more. `oci`: an OCI image layout, a tar where the path ends in
 * `.tar` or it is a stream, else a directory; it has all platforms and attestations. `docker`: what `docker load` takes. `directory`: the root
 * file system of the result, merged into a directory, everything the caller's. `tar`: the same as a tar, with its owners.
 */
export type BuildOutput =
  | { readonly type: 'image' }
  | ({ readonly type: 'oci' | 'docker' | 'tar' } & BuildArchiveTarget)
  | {
      readonly type: 'directory'
      /** It is made where it is missing. Of several platforms each has a directory in it: `linux_arm64`. */
      readonly path: string
    }

const types = ['image', 'oci', 'docker', 'directory', 'tar'] as const

/** Checks one output, or a list of them. */
export const checkOutput: Check = (value, option) => {
  if (Array.isArray(value)) value.forEach((one, at) => void checkOne(one, `${option}[${at}]`))
  else checkOne(value, option)
}

function checkOne(value: unknown, option: string): void {
  if (typeof value !== 'object' || value === null)
    throw invalidArgument(option, `expected { type, path } or { type, stream }, got ${quoted(value)}`)
  const { type, ...target } = value as Readonly<Record<string, unknown>>
  check.oneOf(...types)(type, `${option}.type`)
  const keys = Object.keys(target)
  const unknown = keys.find((key) => key !== 'path' && key !== 'stream')
  if (unknown !== undefined) throw invalidArgument(`${option}.${unknown}`, 'is not known')
  if (type === 'image') {
    if (keys.length > 0) throw invalidArgument(`${option}.${keys[0]}`, 'an image goes into the store')
    return
  }
  if (keys.length !== 1)
    throw invalidArgument(option, type === 'directory' ? 'it needs a path' : 'it needs either a path or a stream')
  if (keys[0] === 'path') {
    check.nonEmptyString(target.path, `${option}.path`)
    return
  }
  const { stream } = target
  if (type === 'directory') throw invalidArgument(`${option}.stream`, 'a directory is at a path')
  if (!(stream instanceof Writable) && !(stream instanceof WritableStream))
    throw invalidArgument(`${option}.stream`, `expected a stream to write to, got ${quoted(stream)}`)
}
