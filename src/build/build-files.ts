// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { LayerContext } from '../layer/layer-context.js'
import { readContextFile } from './build-context-files.js'
import type { BuildContextSource } from './build-options.js'
import type { BuildContext } from './context/build-context.js'
import { openArchiveContext } from './context/open-archive-context.js'
import { openDirectoryContext } from './context/open-directory-context.js'
import { type MemoryFiles, openMemoryContext } from './context/open-memory-context.js'
import { type Dockerfile, parseDockerfile } from './dockerfile/parse-dockerfile.js'
import { maxDockerfileBytes } from './dockerfile/source-text.js'
import { ignoreFilesOf, readIgnoreFile } from './ignore/read-ignore-file.js'

// Every pattern is held against every path.
const maxIgnoreFileBytes = 1024 * 1024

/** Opens what a build takes files from. */
export async function openContext(
  context: LayerContext,
  source: BuildContextSource,
  signal?: AbortSignal,
): Promise<BuildContext> {
  if (typeof source === 'string') return openDirectoryContext(source)
  if (source instanceof Readable || source instanceof ReadableStream)
    return await openArchiveContext(context, source, { signal })
  return await openMemoryContext(context, source as MemoryFiles, signal)
}

/** The Dockerfile of a context. ERR_FILE_NOT_FOUND where there is none. */
export async function readDockerfile(context: BuildContext, path = 'Dockerfile'): Promise<Dockerfile> {
  const content = await readContextFile(context, path, maxDockerfileBytes)
  if (content) return parseDockerfile(content, path)
  throw new EngineError({
    code: 'ERR_FILE_NOT_FOUND',
    message: `there is no file ${quoted(path)} in the context ${quoted(context.name, 300)}`,
    object: path,
    hint: 'say where it is with the option dockerfile, or give its text as dockerfileText',
  })
}

/** The patterns of what the context leaves out. */
export async function readIgnorePatterns(context: BuildContext, dockerfile = 'Dockerfile'): Promise<readonly string[]> {
  for (const path of ignoreFilesOf(dockerfile)) {
    const content = await readContextFile(context, path, maxIgnoreFileBytes)
    if (content && content.length > maxIgnoreFileBytes) throw tooLarge(path)
    if (content) return readIgnoreFile(content).map(({ pattern }) => pattern)
  }
  return []
}

function tooLarge(path: string): EngineError {
  return new EngineError({
    code: 'ERR_IGNORE_PATTERN',
    message: `${quoted(path)} has more than ${maxIgnoreFileBytes} bytes`,
    line: 1,
    object: path,
    hint: 'leave out whole directories: what is below them needs no pattern of its own',
  })
}
