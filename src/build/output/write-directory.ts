// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import type { ImageContext } from '../../image/image-context.js'
import { beginSave } from '../../image/save-temporary.js'
import { work } from '../../layer/layer-work.js'
import { createPipe } from '../../native/descriptor.js'
import { fileStep } from '../../store/store-failure.js'
import { mergeTree } from './merge-tree.js'
import { type RootFiles, type WriteTar, withStackTar } from './stack-tar.js'

// Fewer wake-ups on both sides than with the kernel's usual 64 KiB.
const pipeBytes = 256 * 1024

/**
 * Writes what a root shows into a directory of the host, where everything is the caller's and has no power (no set-id bits, no devices). A new
 * directory appears when it is whole; into one that is there it is moved when all of it is there ({@link mergeTree}).
 */
export async function writeRootDirectory(
  context: ImageContext,
  files: RootFiles,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const path = resolve(target)
  await fileStep('write directory', path, async () => {
    const names = await readdir(path).catch((error) => ifMissing(error, target))
    const isNew = names === null || names.length === 0
    if (names === null) await mkdir(dirname(path), { recursive: true })
    // On the same file system as what it is going to be part of.
    const temporary = await beginSave(isNew ? path : join(path, 'output'), 'directory')
    try {
      const staged = await openDirectory(temporary.path)
      try {
        await unpack(context, { files, staged, path }, signal)
        if (!isNew) await moveInto(path, staged, signal)
      } finally {
        await staged.close()
      }
      if (isNew) await temporary.finish()
    } finally {
      await temporary.discard()
    }
  })
}

async function moveInto(path: string, from: FileHandle, signal: AbortSignal): Promise<void> {
  const to = await openDirectory(path)
  try {
    await mergeTree({ from, to, path }, signal)
  } finally {
    await to.close()
  }
}

interface Unpacking {
  readonly files: RootFiles
  readonly staged: FileHandle
  readonly path: string
}

// One worker packs into a pipe from which another one unpacks: nothing of it comes by here.
async function unpack(context: ImageContext, { files, staged, path }: Unpacking, signal: AbortSignal): Promise<void> {
  const connection = await context.connection()
  await withStackTar(context, files, signal, async (write) => {
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    const { readEnd, writeEnd } = createPipe(pipeBytes)
    const packing = write(writeEnd.fd, either)
    const options = { fds: [readEnd.fd, staged.fd], signal: either, doing: `write to ${quoted(path, 300)}` }
    const unpacking = work(connection, 'tree.unpack', {}, options)
    readEnd.close()
    writeEnd.close()
    await firstCause(packing, unpacking, ended)
  })
}

// Whoever fails takes the other one along, which then complains of an archive that is cut off, or of a reader that went away.
async function firstCause(packing: ReturnType<WriteTar>, unpacking: Promise<unknown>, ended: AbortController) {
  let first: { readonly error: unknown } | undefined
  const note = (error: unknown) => {
    first ??= { error }
    ended.abort(error)
  }
  packing.catch((error) => (isBrokenPipe(error) ? undefined : note(error)))
  unpacking.catch(note)
  const [packed] = await Promise.allSettled([packing, unpacking])
  if (first) throw first.error
  if (packed.status === 'rejected') throw packed.reason
}

const isBrokenPipe = (error: unknown) => EngineError.is(error) && error.errno === 'EPIPE'

async function openDirectory(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
}

function ifMissing(error: NodeJS.ErrnoException, target: string): null {
  if (error.code === 'ENOENT') return null
  if (error.code === 'ENOTDIR') throw invalidArgument('output.path', `${quoted(target, 300)} is no directory`)
  throw error
}
