// SPDX-License-Identifier: Apache-2.0
import type { AddInstruction, CopyInstruction } from '../dockerfile/instruction.js'
import type { ApplyContext } from './apply-context.js'
import { type CopyFlags, copySource } from './copy-source.js'
import { isFileMode } from './file-mode.js'
import { destinationPath } from './root-path.js'
import { type CopySource, makeVertex } from './vertex.js'

/** `COPY` and `ADD`. */
export function applyCopy(context: ApplyContext<AddInstruction | CopyInstruction>): void {
  const { instruction, stage, build } = context
  const flags = flagsOf(context)
  const sources = instruction.sources.map((word) => ({ word, text: context.expand(word) }))
  const contents = inlineSources(context)
  const destination = context.expand(instruction.destination)
  if (flags.checksum !== undefined && sources.length + contents.length !== 1) {
    throw context.fail(instruction.sources[1] ?? null, "checksum can't be specified for multiple sources")
  }
  const from = instruction.kind === 'copy' && instruction.from ? context.from(instruction.from) : build.context
  const local = sources.map(({ word, text }) => copySource(context, { word, text, from, flags }))
  const { chown, chmod, exclude } = flags
  stage.vertex = makeVertex({
    kind: 'copy',
    base: stage.vertex,
    sources: [...local, ...contents.map(({ source }) => source)],
    destination: destinationPath(stage.image.workingDir, destination),
    chown,
    chmod,
    exclude,
    parents: instruction.parents,
    link: instruction.link,
    epoch: build.epoch,
    origin: context.origin,
  })
  const shown = [
    instruction.kind.toUpperCase(),
    ...(instruction.parents ? ['--parents'] : []),
    ...(chown === undefined ? [] : [`--chown=${chown}`]),
    ...(chmod === undefined ? [] : [`--chmod=${chmod}`]),
    ...sources.map(({ text }) => text),
    ...contents.map(({ name }) => `<<${name}`),
    destination,
  ]
  context.commit(`${shown.join(' ')} # buildkit`, { isLayer: true })
}

function flagsOf(context: ApplyContext<AddInstruction | CopyInstruction>): CopyFlags {
  const { instruction } = context
  const chown = instruction.chown ? context.expand(instruction.chown) : undefined
  const chmod = instruction.chmod ? context.expand(instruction.chmod) : undefined
  if (chmod && !isFileMode(chmod)) {
    const problem = `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777, or symbolic`
    throw context.fail(instruction.chmod ?? null, problem, '--chmod=0644 or --chmod=u=rw,go=r')
  }
  // As written: BuildKit replaces no variables in them.
  const exclude = instruction.exclude.map(({ text }) => text)
  const checksum = instruction.kind === 'add' && instruction.checksum ? context.expand(instruction.checksum) : undefined
  return { chown: chown || undefined, chmod: chmod || undefined, exclude, checksum: checksum || undefined }
}

function inlineSources(context: ApplyContext<AddInstruction | CopyInstruction>) {
  const { origin } = context
  return context.instruction.contents.map((content): { readonly name: string; readonly source: CopySource } => {
    const { name, expand } = content
    if (/[/\0]/.test(name) || name === '.' || name === '..')
      throw context.fail(content, `'${name}' cannot be a file's name`)
    const data = expand ? context.expandContent(content) : content.data
    const from = makeVertex({ kind: 'inline', files: [{ name, data, mode: 0o644 }], origin })
    return { name, source: { from, path: `/${name}`, isPattern: false, unpack: false } }
  })
}
