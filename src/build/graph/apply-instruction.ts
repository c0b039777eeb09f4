// SPDX-License-Identifier: Apache-2.0
import type { StageInstruction } from '../dockerfile/instruction.js'
import {
  applyCmd,
  applyEntrypoint,
  applyExpose,
  applyHealthcheck,
  applyLabel,
  applyMaintainer,
  applyOnBuild,
  applyShell,
  applyStopSignal,
  applyUser,
  applyVolume,
} from './apply-config.js'
import type { ApplyContext } from './apply-context.js'
import { applyCopy } from './apply-copy.js'
import { applyRun } from './apply-run.js'
import { applyArg, applyEnv } from './apply-variables.js'
import { applyWorkdir } from './apply-workdir.js'

type Appliers = {
  readonly [K in StageInstruction['kind']]: (context: ApplyContext<Extract<StageInstruction, { kind: K }>>) => void
}

const appliers: Appliers = {
  add: applyCopy,
  arg: applyArg,
  cmd: applyCmd,
  copy: applyCopy,
  entrypoint: applyEntrypoint,
  env: applyEnv,
  expose: applyExpose,
  healthcheck: applyHealthcheck,
  label: applyLabel,
  maintainer: applyMaintainer,
  onbuild: applyOnBuild,
  run: applyRun,
  shell: applyShell,
  stopsignal: applyStopSignal,
  user: applyUser,
  volume: applyVolume,
  workdir: applyWorkdir,
}

/** Applies an instruction to its stage. ERR_DOCKERFILE where it cannot be. */
export function applyInstruction(context: ApplyContext): void {
  const apply = appliers[context.instruction.kind] as (context: ApplyContext) => void
  apply(context)
}
