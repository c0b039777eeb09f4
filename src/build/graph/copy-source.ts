// SPDX-License-Identifier: Apache-2.0
import { isDigest } from '../../oci/digest.js'
import type { AddInstruction, CopyInstruction, Word } from '../dockerfile/instruction.js'
import { cleanPath } from '../ignore/clean-path.js'
import type { ApplyContext } from './apply-context.js'
import { type ParsedGitReference, parseGitReference } from './git-reference.js'
import { rootPath } from './root-path.js'
import { type CopySource, makeVertex, type Vertex } from './vertex.js'

/** Flags whose variables are replaced. */
export interface CopyFlags {
  readonly chown?: string | undefined
  readonly chmod?: string | undefined
  readonly exclude: readonly string[]
  readonly checksum?: string | undefined
}

interface SourceFacts {
  readonly word: Word
  /** Its variables replaced. */
  readonly text: string
  readonly from: Vertex
  readonly flags: CopyFlags
}

type Context = ApplyContext<AddInstruction | CopyInstruction>

/** One source of a COPY or ADD: a git repository, a file from the web, or files of another vertex. */
export function copySource(context: Context, facts: SourceFacts): CopySource {
  const { word, text } = facts
  const { instruction } = context
  const git = parseGitReference(text)
  if (git && 'problem' in git) throw context.fail(word, git.problem)
  const isWeb = /^https?:\/\//.test(text)
  if (instruction.kind === 'copy') {
    if (git) throw context.fail(word, "source can't be a git ref for COPY", 'use ADD')
    if (isWeb) throw context.fail(word, "source can't be a URL for COPY", 'use ADD')
  } else {
    if (git) return gitSource(context as ApplyContext<AddInstruction>, facts, git)
    if (isWeb) return webSource(context as ApplyContext<AddInstruction>, facts)
  }
  if (facts.flags.checksum !== undefined) throw context.fail(word, 'checksum requires HTTP(S) or Git sources')
  return fileSource(context, facts)
}

function gitSource(
  context: ApplyContext<AddInstruction>,
  { word, flags }: SourceFacts,
  git: ParsedGitReference,
): CopySource {
  const { keepGitDir } = context.instruction
  if (keepGitDir !== undefined && git.keepGitDirectory !== undefined && keepGitDir !== git.keepGitDirectory) {
    throw context.fail(word, 'inconsistent keep-git-dir configuration')
  }
  if (flags.checksum !== undefined && git.checksum !== undefined && flags.checksum !== git.checksum) {
    throw context.fail(word, `checksum mismatch '${flags.checksum}' != '${git.checksum}'`)
  }
  const checksum = git.checksum ?? flags.checksum
  if (checksum !== undefined && !/^[0-9a-f]{7,64}$/.test(checksum))
    throw context.fail(word, `'${checksum}' is not a commit`)
  const keepGitDirectory = git.keepGitDirectory ?? keepGitDir ?? false
  const from = makeVertex({ kind: 'add-git', git: { ...git, checksum, keepGitDirectory }, origin: context.origin })
  return { from, path: '/', isPattern: false, unpack: false }
}

function webSource(context: ApplyContext<AddInstruction>, { word, text, flags }: SourceFacts): CopySource {
  const { checksum } = flags
  if (checksum !== undefined && !isDigest(checksum)) {
    throw context.fail(context.instruction.checksum ?? word, `'${checksum}' is not a digest`, '--checksum=sha256:…')
  }
  const filename = filenameOf(text)
  if (filename === null) throw context.fail(word, `'${text}' is not a URL`)
  const from = makeVertex({ kind: 'add-url', url: text, filename, checksum, origin: context.origin })
  return { from, path: `/${filename}`, isPattern: false, unpack: context.instruction.unpack ?? false }
}

// What a file is called whose address does not say it.
const unnamed = '__unnamed__'

function filenameOf(text: string): string | null {
  if (!URL.canParse(text)) return null
  const last = new URL(text).pathname.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const name = decode(last)
  return name === '' || name === '.' || name === '..' || /[/\0]/.test(name) ? unnamed : name
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function fileSource(context: Context, { text, from }: SourceFacts): CopySource {
  const { instruction, build } = context
  if (from === build.context) warnOfIgnored(context, text)
  const unpack = instruction.kind === 'add' && (instruction.unpack ?? true)
  if (!instruction.parents) return { from, path: rootPath(text), isPattern: true, unpack }
  const pivot = text.indexOf('/./')
  const path = pivot < 0 ? '/' : rootPath(text.slice(0, pivot))
  const include = rootPath(pivot < 0 ? text : text.slice(pivot + 3)).slice(1)
  return { from, path, isPattern: true, unpack, include }
}

// With exceptions it cannot be told from the patterns alone: something inside of what is left out may be there.
function warnOfIgnored({ build, instruction }: Context, text: string): void {
  const { ignore } = build
  if (!ignore || ignore.hasExceptions) return
  const path = cleanPath(text).replace(/^\//, '')
  const isRoot = path === '.' || path === ''
  const everything = ignore.patterns.some((pattern) => ['*', '**', '**/*'].includes(pattern.text))
  if (isRoot ? !everything : !ignore.ignores(path)) return
  build.linter.report('CopyIgnoredFile', instruction, `'${text}' is left out of the context by .dockerignore`)
}
