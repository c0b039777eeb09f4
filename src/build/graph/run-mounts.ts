// SPDX-License-Identifier: Apache-2.0
import type { RunInstruction, Word } from '../dockerfile/instruction.js'
import type { ApplyContext } from './apply-context.js'
import { parseRunMount, type RunMountFields } from './parse-run-mount.js'
import { rootPath } from './root-path.js'
import type { RunMount } from './run-mount.js'

/** The mounts of a RUN, its variables replaced. */
export function runMounts(context: ApplyContext<RunInstruction>): readonly RunMount[] {
  return context.instruction.mounts.map((word) => {
    const fields = parseRunMount(word.text, (value) => context.expand({ ...word, text: value }))
    if ('problem' in fields) throw context.fail(word, fields.problem, fields.hint)
    return mountOf(context, word, fields)
  })
}

function mountOf(context: ApplyContext<RunInstruction>, word: Word, fields: RunMountFields): RunMount {
  const owner = { uid: fields.uid, gid: fields.gid, mode: fields.mode }
  const { type, from, source = '', id, required = false } = fields
  if (type === 'secret') return { kind: 'secret', required, ...owner, ...secretOf(context, word, fields) }
  if (type === 'ssh') {
    const target = fields.target ? targetOf(context, word, fields.target) : undefined
    return { kind: 'ssh', id: id || source || 'default', target, required, ...owner }
  }
  const target = targetOf(context, word, fields.target ?? '')
  if (type === 'tmpfs') return { kind: 'tmpfs', target, sizeBytes: fields.sizeBytes }
  const vertex = from && from !== 'scratch' ? context.from({ ...word, text: from }) : null
  const readOnly = fields.readOnly ?? type === 'bind'
  const common = { target, source: rootPath(source), readOnly }
  if (type === 'bind') return { kind: 'bind', ...common, from: vertex ?? context.build.context }
  return { kind: 'cache', ...common, ...owner, from: vertex, id: id || target, sharing: fields.sharing ?? 'shared' }
}

function secretOf(context: ApplyContext<RunInstruction>, word: Word, { source, id, target, env }: RunMountFields) {
  const name = source || id || (target ?? '').replace(/\/+$/, '').split('/').at(-1) || ''
  if (name === '') throw context.fail(word, 'invalid secret mount. one of source, target required', 'give id=name')
  const file = target || (env === undefined ? `/run/secrets/${name.split('/').at(-1)}` : undefined)
  return {
    id: name,
    target: file === undefined ? undefined : targetOf(context, word, file),
    env: env === undefined ? undefined : env || name,
  }
}

function targetOf(context: ApplyContext, word: Word, target: string): string {
  const { workingDir } = context.stage.image
  const absolute = target.startsWith('/') ? rootPath(target) : rootPath(`${workingDir}/${target}`)
  if (absolute === '/') throw context.fail(word, "invalid mount target '/'", 'give target=/path')
  return absolute
}
