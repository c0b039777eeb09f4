// SPDX-License-Identifier: Apache-2.0
import { check, checkOptions } from '../../util/validate.js'
import { type CodeBase, CodeStage, type CodeStep } from './code-stage.js'
import {
  cmd,
  entrypoint,
  env,
  expose,
  healthcheck,
  label,
  shell,
  stopSignal,
  user,
  volume,
  workdir,
} from './config-steps.js'
import { add, copy, writeFile } from './copy-steps.js'
import { run } from './run-step.js'

const base = check.anyOf(
  'the name of an image, a stage, or { image, platform }',
  check.nonEmptyString,
  check.instanceOf(CodeStage),
  (value, option) =>
    checkOptions(
      value as object,
      { image: check.required(check.nonEmptyString), platform: check.nonEmptyString },
      option,
    ),
)

/** A stage: an image, or another stage, with steps done on top. */
function from(below: CodeBase, ...steps: readonly CodeStep[]): CodeStage {
  base(below, 'base')
  return new CodeStage(below, steps)
}

/** What a build function is given: `({ from, run, copy }) => from('alpine', run('apk add git'), copy('.', { to: '/src' }))`. */
export const buildTools = Object.freeze({
  add,
  cmd,
  copy,
  entrypoint,
  env,
  expose,
  from,
  healthcheck,
  label,
  run,
  shell,
  stopSignal,
  user,
  volume,
  workdir,
  writeFile,
})

/** The functions that describe a build. */
export type BuildTools = typeof buildTools

/** Describes a build, and gives the stage that the image is made of. */
export type BuildFunction = (tools: BuildTools) => CodeStage | Promise<CodeStage>
