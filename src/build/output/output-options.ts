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

/** Nothing beside the image in the store, as without an output. */
export interface BuildImageOutput {
  /** The image. */
  readonly type: 'image'
}

/** The root file system of the result, everything in it the caller's, without set-id bits and devices. */
export interface BuildDirectoryOutput {
  /** A directory. */
  readonly type: 'directory'
  /** It is made where it is missing; what it has stays, but for files of the same names. Of several platforms each has a directory in it: `linux_arm64`. */
  readonly path: string
}

/** An archive of the result. */
export type BuildArchiveOutput = BuildArchiveTarget & {
  /**
   * `oci`: an OCI image layout with all platforms and attestations, a tar where the path ends in `.tar` or it is a stream, else a directory.
   * `docker`: what `docker load` takes. `tar`: the root file system of the result, with its owners; of one platform only.
   */
  readonly type: 'oci' | 'docker' | 'tar'
}

/** What is written of a build beside the image in the store. */
export type BuildOutput = BuildImageOutput | BuildDirectoryOutput | BuildArchiveOutput

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
