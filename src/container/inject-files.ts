// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { feed } from '../layer/feed.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { InjectedFile } from '../runtime/injected-file.js'
import { fileStep } from '../store/store-failure.js'
import { fileError } from './ask-file.js'
import { linkTo } from './container-link.js'
import { ownerText } from './file-options.js'
import { removeContainer } from './lifecycle.js'
import type { Subject } from './operate.js'

interface Opened {
  readonly file: InjectedFile
  readonly content: Uint8Array | FileHandle
  readonly size: number
}

/** Puts the files of its options into a container that was just made; where that fails the container is removed again. */
export async function injectFiles(subject: Subject, { files = [], signal }: ContainerOptions): Promise<void> {
  if (files.length === 0) return
  const opened: Opened[] = []
  try {
    for (const [index, file] of files.entries()) opened.push(await openContent(file, `files[${index}]`))
    await send(subject, opened, signal)
  } catch (error) {
    await removeContainer(subject, { force: true, volumes: true }).catch(() => {})
    throw error
  } finally {
    for (const { content } of opened) if (!(content instanceof Uint8Array)) await content.close()
  }
}

async function openContent(file: InjectedFile, option: string): Promise<Opened> {
  const { content = '', source } = file
  if (source === undefined) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    return { file, content: bytes, size: bytes.byteLength }
  }
  const handle = await open(source, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new EngineError({
      code: cause.code === 'EACCES' || cause.code === 'EPERM' ? 'ERR_PERMISSION' : 'ERR_INVALID_ARGUMENT',
      message: `${option}.source: ${quoted(source, 300)} cannot be opened: ${cause.code}`,
      option: `${option}.source`,
      errno: cause.code,
      object: source,
      cause,
    })
  })
  try {
    const stat = await fileStep('read file', source, () => handle.stat())
    if (stat.isFile()) return { file, content: handle, size: stat.size }
    throw invalidArgument(`${option}.source`, `${quoted(source, 300)} is no regular file`)
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function send({ context, container }: Subject, opened: readonly Opened[], signal?: AbortSignal): Promise<void> {
  const connection = await linkTo(context, container)
  const files = opened.map(({ file: { path, mode, owner }, size }) => ({
    path,
    size,
    ...(mode !== undefined && { mode }),
    ...ownerText(owner),
  }))
  const message = { container: container.id, what: 'inject', files } as const
  const failure = { doing: `put files into container '${container.name}'`, option: 'files' }
  try {
    await feed(contentOf(opened), signal, async (input, ended) => {
      return await connection.request('file.copy', message, {
        fds: [input],
        signal: ended,
        failure,
        onProgress: () => {},
      })
    })
  } catch (error) {
    throw fileError(error)
  }
}

async function* contentOf(opened: readonly Opened[]): AsyncGenerator<Uint8Array> {
  for (const { content, size } of opened) {
    if (content instanceof Uint8Array) yield content
    else if (size > 0) yield* content.createReadStream({ start: 0, end: size - 1, autoClose: false })
  }
}
