// SPDX-License-Identifier: Apache-2.0
import type {
  CmdInstruction,
  CommandLine,
  EntrypointInstruction,
  ExposeInstruction,
  HealthcheckInstruction,
  LabelInstruction,
  MaintainerInstruction,
  OnBuildInstruction,
  Pair,
  ShellInstruction,
  StopSignalInstruction,
  UserInstruction,
  VolumeInstruction,
} from '../dockerfile/instruction.js'
import { quoteGoList } from '../dockerfile/quote-go.js'
import type { ApplyContext } from './apply-context.js'
import { healthcheckText } from './history-text.js'
import type { ImageState } from './image-state.js'
import { parsePorts } from './parse-ports.js'
import { isStopSignal } from './stop-signal.js'

/** `LABEL`. */
export function applyLabel(context: ApplyContext<LabelInstruction>): void {
  const labels = context.instruction.pairs.map((pair) => expandPair(context, pair))
  for (const [name, value] of labels) context.stage.image.labels.set(name, value)
  context.commit(`LABEL ${labels.map(([name, value]) => `${name}=${value}`).join(' ')}`)
}

/** Name and value with their variables replaced; the old form without `=` is warned of. */
export function expandPair(context: ApplyContext, { name, value, isOldForm }: Pair): readonly [string, string] {
  if (isOldForm) {
    const keyword = context.instruction.keyword
    context.build.linter.report(
      'LegacyKeyValueFormat',
      context.instruction,
      `write ${keyword} key=value, not the old form without =`,
    )
  }
  return [context.expand(name), context.expand(value)]
}

/** `CMD`. */
export function applyCmd(context: ApplyContext<CmdInstruction>): void {
  onlyTheLastCounts(context, 'cmd')
  const args = shellArgs(context)
  context.stage.image.cmd = args
  context.commit(`CMD ${quoteGoList(args)}`)
}

/** `ENTRYPOINT`. A command that was for another entrypoint, of the image below, goes. */
export function applyEntrypoint(context: ApplyContext<EntrypointInstruction>): void {
  onlyTheLastCounts(context, 'entrypoint')
  const { image, last } = context.stage
  const args = shellArgs(context)
  image.entrypoint = args.length > 0 ? args : undefined
  if (!last.cmd) image.cmd = undefined
  context.commit(`ENTRYPOINT ${quoteGoList(args)}`)
}

/** `HEALTHCHECK`. */
export function applyHealthcheck(context: ApplyContext<HealthcheckInstruction>): void {
  onlyTheLastCounts(context, 'healthcheck')
  const { healthcheck } = context.instruction
  context.stage.image.healthcheck = healthcheck
  context.commit(`HEALTHCHECK ${healthcheckText(healthcheck)}`)
}

/** `EXPOSE`. */
export function applyExpose(context: ApplyContext<ExposeInstruction>): void {
  const ports = context.instruction.ports.flatMap((word) =>
    context.expandWords(word).flatMap((text) => {
      const parsed = parsePorts(text)
      if ('problem' in parsed) throw context.fail(word, parsed.problem)
      const { linter } = context.build
      if (parsed.isOddlyCased) {
        linter.report('ExposeProtoCasing', context.instruction, `the protocol of '${text}' should be in lower case`)
      }
      if (parsed.hasHost) {
        const problem = `'${text}' should name a port of the container only: those of the host are chosen when it runs`
        linter.report('ExposeInvalidFormat', context.instruction, problem)
      }
      return parsed.ports
    }),
  )
  for (const port of ports) context.stage.image.exposedPorts.set(port, true)
  context.commit(`EXPOSE [${ports.join(' ')}]`)
}

/** `USER`. */
export function applyUser(context: ApplyContext<UserInstruction>): void {
  const user = context.expand(context.instruction.user)
  context.stage.image.user = user
  context.commit(`USER ${user}`)
}

/** `VOLUME`. */
export function applyVolume(context: ApplyContext<VolumeInstruction>): void {
  const volumes = context.instruction.volumes.map((word) => {
    const volume = context.expand(word)
    if (volume === '') throw context.fail(word, 'VOLUME specified can not be an empty string')
    return volume
  })
  for (const volume of volumes) context.stage.image.volumes.set(volume, true)
  context.commit(`VOLUME [${volumes.join(' ')}]`)
}

/** `STOPSIGNAL`. */
export function applyStopSignal(context: ApplyContext<StopSignalInstruction>): void {
  const signal = context.expand(context.instruction.signal)
  if (!isStopSignal(signal)) {
    throw context.fail(
      context.instruction.signal,
      `'${signal}' is not a signal`,
      'write a name or a number: SIGQUIT, 3',
    )
  }
  context.stage.image.stopSignal = signal
  context.commit(`STOPSIGNAL ${signal}`)
}

/** `SHELL`. */
export function applyShell(context: ApplyContext<ShellInstruction>): void {
  const { shell } = context.instruction
  context.stage.image.shell = shell
  context.commit(`SHELL [${shell.join(' ')}]`)
}

/** `MAINTAINER`. */
export function applyMaintainer(context: ApplyContext<MaintainerInstruction>): void {
  const { maintainer } = context.instruction
  context.stage.image.author = maintainer
  context.commit(`MAINTAINER ${maintainer}`)
}

/** `ONBUILD`. */
export function applyOnBuild(context: ApplyContext<OnBuildInstruction>): void {
  const { image } = context.stage
  image.onBuild = [...image.onBuild, context.instruction.trigger]
}

/** The command with the shell that runs it, if one does. */
export function withShell(
  { args, isForShell }: Pick<CommandLine, 'args' | 'isForShell'>,
  image: ImageState,
): readonly string[] {
  return isForShell ? [...(image.shell ?? ['/bin/sh', '-c']), args.join(' ')] : args
}

function shellArgs({
  instruction,
  stage,
  build,
}: ApplyContext<CmdInstruction | EntrypointInstruction>): readonly string[] {
  const { command, keyword } = instruction
  if (command.isForShell && !stage.image.shell) {
    const problem = `${keyword} should be a JSON array: a shell does not pass signals on to what it runs`
    build.linter.report('JSONArgsRecommended', instruction, problem)
  }
  return withShell(command, stage.image)
}

function onlyTheLastCounts(context: ApplyContext, kind: 'cmd' | 'entrypoint' | 'healthcheck'): void {
  const { instruction, stage, build } = context
  const earlier = stage.last[kind]
  if (earlier) {
    const problem = `there are several ${instruction.keyword} in the stage: only the last one counts`
    build.linter.report('MultipleInstructionsDisallowed', earlier, problem)
  }
  stage.last[kind] = instruction
}
