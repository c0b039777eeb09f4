// SPDX-License-Identifier: Apache-2.0
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { InlineContent } from '../dockerfile/instruction.js'
import { CodeStage, type CodeStep, type StepContext } from './code-stage.js'
import { step } from './config-steps.js'

/** How files are put into a root. */
export interface CodeCopyCommon {
  /** Where to; a slash at the end makes it a directory. Seen from the working directory. */
  readonly to: string
  /** `user:group`; names are looked up in the root. */
  readonly chown?: string | undefined
  /** Octal or symbolic: `'0644'`, `'u=rwX,go=rX'`. */
  readonly chmod?: string | undefined
  /** Patterns of what is left out. */
  readonly exclude?: readonly string[] | undefined
  /** Whether the layer does not depend on what is in the root already. */
  readonly link?: boolean | undefined
}

/** What is copied, and how. */
export interface CodeCopyOptions extends CodeCopyCommon {
  /** A stage or an image; the build's context where it is missing. */
  readonly from?: CodeStage | string | undefined
  /** Whether the directories of the sources are kept, below a `/./` in them. */
  readonly parents?: boolean | undefined
}

/** What is added, and how. */
export interface CodeAddOptions extends CodeCopyCommon {
  /** What a file from the web has to be, `sha256:…`, or the commit of a git repository. */
  readonly checksum?: string | undefined
  /** Whether a git repository comes with its `.git`. */
  readonly keepGitDir?: boolean | undefined
  /** Whether archives are unpacked: those of the context are, others not. */
  readonly unpack?: boolean | undefined
}

/** Where a file goes whose content is given. */
export type CodeFileOptions = Pick<CodeCopyCommon, 'chown' | 'chmod' | 'link' | 'to'>

const paths = check.anyOf('a path or an array of paths', check.nonEmptyString, check.arrayOf(check.nonEmptyString))
const file: Shape<CodeFileOptions> = {
  to: check.required(check.nonEmptyString),
  chown: check.nonEmptyString,
  chmod: check.nonEmptyString,
  link: check.boolean,
}
const common: Shape<CodeCopyCommon> = { ...file, exclude: check.arrayOf(check.nonEmptyString) }
const copyShape: Shape<CodeCopyOptions> = {
  ...common,
  from: check.anyOf('a stage or the name of an image', check.instanceOf(CodeStage), check.nonEmptyString),
  parents: check.boolean,
}
const addShape: Shape<CodeAddOptions> = {
  ...common,
  checksum: check.nonEmptyString,
  keepGitDir: check.boolean,
  unpack: check.boolean,
}

/** Copies files of the context, of a stage or of an image; a directory means its contents. */
export function copy(sources: string | readonly string[], options: CodeCopyOptions): CodeStep {
  paths(sources, 'sources')
  checkOptions(options, copyShape)
  const { from, parents = false } = options
  const made = step('COPY', textOf(sources, options.to), (context) => ({
    ...context.base,
    kind: 'copy',
    ...operands(context, sources, options),
    from: from === undefined ? undefined : context.nameOf(from),
    parents,
  }))
  return Object.freeze({ ...made, uses: from instanceof CodeStage ? [from] : [] })
}

/** Adds files of the context with archives unpacked, files from the web, or git repositories. */
export function add(sources: string | readonly string[], options: CodeAddOptions): CodeStep {
  paths(sources, 'sources')
  checkOptions(options, addShape)
  const { checksum, keepGitDir, unpack } = options
  return step('ADD', textOf(sources, options.to), (context) => ({
    ...context.base,
    kind: 'add',
    ...operands(context, sources, options),
    parents: false,
    checksum: checksum === undefined ? undefined : context.word(checksum),
    keepGitDir,
    unpack,
  }))
}

/** Writes a file with that content. */
export function writeFile(content: string, options: CodeFileOptions): CodeStep {
  check.string(content, 'content')
  checkOptions(options, file)
  const name = options.to.split('/').at(-1) || 'file'
  return step('COPY', textOf(`<<${name}`, options.to), (context) => {
    const inline: InlineContent = { name, data: content, expand: false, position: context.word('').position }
    return { ...context.base, kind: 'copy', ...operands(context, [], options), contents: [inline], parents: false }
  })
}

function operands({ word }: StepContext, sources: string | readonly string[], options: CodeCopyCommon) {
  const { to, chown, chmod, exclude = [], link = false } = options
  return {
    sources: [sources].flat().map(word),
    contents: [],
    destination: word(to),
    chown: chown === undefined ? undefined : word(chown),
    chmod: chmod === undefined ? undefined : word(chmod),
    exclude: exclude.map(word),
    link,
  }
}

function textOf(sources: string | readonly string[], to: string): string {
  return [...[sources].flat(), to].join(' ')
}
