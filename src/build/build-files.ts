// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { LayerContext } from '../layer/layer-context.js'
import { readContextFile } from './build-context-files.js'
import type { BuildContextSource } from './build-options.js'
import type { BuildContext } from './context/build-context.js'
import { openArchiveContext } from './context/open-archive-context.js'
import { openDirectoryContext } from './context/open-directory-context.js'
import { type MemoryFiles, openMemoryContext } from './context/open-memory-context.js'
import { openWebContext } from './context/open-web-context.js'
import { type Dockerfile, parseDockerfile } from './dockerfile/parse-dockerfile.js'
import { maxDockerfileBytes } from './dockerfile/source-text.js'
import type { SourceAccess } from './git/git-environment.js'
import { findCommit, openGitContext } from './git/open-git-context.js'
import { parseGitReference } from './graph/git-reference.js'
import { ignoreFilesOf, readIgnoreFile } from './ignore/read-ignore-file.js'

// Every pattern is held against every path.
const maxIgnoreFileBytes = 1024 * 1024

/** A context, and what it says of its Dockerfile. */
export interface OpenedContext {
  readonly context: BuildContext
  /** Where the Dockerfile has to be, whatever the options say. */
  readonly dockerfile?: string | undefined
}

/** What contexts may need. */
export interface ContextNeeds {
  /** The option that names it. */
  readonly option: string
  readonly access: SourceAccess
  /** Whether a repository comes with its `.git`, where its address does not say. */
  readonly keepGitDirectory?: boolean | undefined
  readonly signal: AbortSignal
}

/** Opens what a build takes files from. */
export async function openContext(
  context: LayerContext,
  source: BuildContextSource,
  needs: ContextNeeds,
): Promise<OpenedContext> {
  const { signal } = needs
  if (typeof source === 'string') return await openNamed(context, source, needs)
  if (source instanceof Readable || source instanceof ReadableStream)
    return { context: await openArchiveContext(context, source, { signal }) }
  return { context: await openMemoryContext(context, source as MemoryFiles, signal) }
}

async function openNamed(
  context: LayerContext,
  name: string,
  { option, access, keepGitDirectory = false, signal }: ContextNeeds,
): Promise<OpenedContext> {
  const git = parseGitReference(name)
  if (git && 'problem' in git) throw invalidArgument(option, `${quoted(name, 300)}: ${git.problem}`)
  if (git) {
    const reference = { ...git, keepGitDirectory: git.keepGitDirectory ?? keepGitDirectory }
    const commit = await findCommit(reference, access, signal)
    return { context: await openGitContext(context, { reference, commit, access }, signal) }
  }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(name)?.[0]
  if (scheme === undefined) return { context: openDirectoryContext(name) }
  if (scheme !== 'http://' && scheme !== 'https://') {
    const problem = `${quoted(name, 300)} is neither a directory, a git repository nor an address of the web`
    throw invalidArgument(option, problem)
  }
  const { context: opened, isDockerfile } = await openWebContext(context, name, signal)
  return { context: opened, ...(isDockerfile && { dockerfile: 'Dockerfile' }) }
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
