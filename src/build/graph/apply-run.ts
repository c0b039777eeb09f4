// SPDX-License-Identifier: Apache-2.0
import { chomp, type Heredoc, parseHeredocWord } from '../dockerfile/heredoc.js'
import type { CommandLine, RunInstruction } from '../dockerfile/instruction.js'
import { withShell } from './apply-config.js'
import type { ApplyContext } from './apply-context.js'
import { runText } from './history-text.js'
import type { RunMount } from './run-mount.js'
import { runMounts } from './run-mounts.js'
import { makeVertex } from './vertex.js'

const scripts = '/dev/pipes'

/** `RUN`. */
export function applyRun(context: ApplyContext<RunInstruction>): void {
  const { stage, build, instruction } = context
  const { image } = stage
  const { command, mounts } = withHeredocs(context)
  const args = withShell(command, image)
  stage.vertex = makeVertex({
    kind: 'run',
    base: stage.vertex,
    args,
    env: stage.variableList,
    cwd: image.workingDir || '/',
    user: image.user,
    mounts: [...mounts, ...runMounts(context)],
    network: instruction.network,
    security: instruction.security,
    devices: instruction.devices,
    platform: image.platform,
    hosts: build.hosts,
    proxy: build.proxy,
    origin: context.origin,
  })
  const text = runText(args, stage.args, (name) => context.value(name))
  context.commit(`RUN ${text} # buildkit`, { isLayer: true })
}

interface PreparedCommand {
  readonly command: Pick<CommandLine, 'args' | 'isForShell'>
  readonly mounts: readonly RunMount[]
}

// One heredoc alone is the script itself: run as a file if it names its interpreter. All others are the shell's.
function withHeredocs(context: ApplyContext<RunInstruction>): PreparedCommand {
  const { command } = context.instruction
  const [first] = command.heredocs
  const line = command.args[0] ?? ''
  if (!first) return { command, mounts: [] }
  if (!parseHeredocWord(line))
    return { command: { isForShell: true, args: [withTexts(line, command.heredocs)] }, mounts: [] }
  const script = first.chomp ? chomp(first.content) : first.content
  if (!script.startsWith('#!')) return { command: { isForShell: true, args: [script] }, mounts: [] }
  const { name } = first
  if (/[/\0]/.test(name) || name === '.' || name === '..') {
    throw context.fail(null, `'${name}' cannot be the name of a script's file`, 'call the heredoc EOF')
  }
  const from = makeVertex({ kind: 'inline', files: [{ name, data: script, mode: 0o755 }], origin: context.origin })
  const mount = { kind: 'bind', target: scripts, from, source: '/', readOnly: true } as const
  return { command: { isForShell: true, args: [`${scripts}/${name}`] }, mounts: [mount] }
}

function withTexts(line: string, heredocs: readonly Heredoc[]): string {
  return [line, ...heredocs.map(({ content, name }) => `${content}${name}`)].join('\n')
}
