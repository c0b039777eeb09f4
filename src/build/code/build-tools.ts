// SPDX-License-Identifier: Apache-2.0
import { check, checkOptions } from '../../util/validate.js'
import { callSite } from './call-site.js'
import { type CodeBase, CodeStage, type CodeStep } from './code-stage.js'
import {
  type CodeCommand,
  type CodeHealthcheck,
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
import { add, type CodeAddOptions, type CodeCopyOptions, type CodeFileOptions, copy, writeFile } from './copy-steps.js'
import { type CodeRunOptions, run } from './run-step.js'

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
  return new CodeStage(below, steps, callSite(from))
}

// What fails later says where it was asked for.
function located<A extends readonly never[]>(make: (...args: A) => CodeStep): (...args: A) => CodeStep {
  return function tool(...args: A) {
    return Object.freeze({ ...make(...args), at: callSite(tool) })
  }
}

/** The functions that describe a build, each named after its instruction. Words stand for themselves: no variables are replaced. */
export interface BuildTools {
  /** A stage: an image, or another stage, with steps done on top. */
  from(below: CodeBase, ...steps: readonly CodeStep[]): CodeStage
  /** Runs a command over the root and keeps what it changes. */
  run(command: CodeCommand, options?: CodeRunOptions): CodeStep
  /** Copies files of the context, of a stage or of an image; a directory means its contents. */
  copy(sources: string | readonly string[], options: CodeCopyOptions): CodeStep
  /** Adds files of the context with archives unpacked, files from the web, or git repositories. */
  add(sources: string | readonly string[], options: CodeAddOptions): CodeStep
  /** Writes a file with that content. */
  writeFile(content: string, options: CodeFileOptions): CodeStep
  /** Makes a directory and works there from now on. */
  workdir(path: string): CodeStep
  /** Sets variables, in the image and for what follows. */
  env(variables: Readonly<Record<string, string>>): CodeStep
  /** Sets labels. */
  label(labels: Readonly<Record<string, string>>): CodeStep
  /** Runs what follows, and containers, as that user: `name`, `uid`, `user:group`. */
  user(name: string): CodeStep
  /** Says which ports containers listen at: `8080`, `'53/udp'`, `'8000-8010'`. */
  expose(...ports: readonly (number | string)[]): CodeStep
  /** Says which directories containers keep in volumes. */
  volume(...paths: readonly string[]): CodeStep
  /** What containers run unless they are told otherwise, or the arguments of the entrypoint. */
  cmd(command: CodeCommand): CodeStep
  /** What containers run. */
  entrypoint(command: CodeCommand): CodeStep
  /** What runs commands that are texts, from now on. */
  shell(program: readonly string[]): CodeStep
  /** The signal that asks containers to end. */
  stopSignal(signal: string): CodeStep
  /** How it is found out whether a container is well; null: not at all, whatever the image below says. */
  healthcheck(options: CodeHealthcheck | null): CodeStep
}

/** What a build function is given: `({ from, run, copy }) => from('alpine', run('apk add git'), copy('.', { to: '/src' }))`. */
export const buildTools: BuildTools = Object.freeze({
  from,
  add: located(add),
  cmd: located(cmd),
  copy: located(copy),
  entrypoint: located(entrypoint),
  env: located(env),
  expose: located(expose),
  healthcheck: located(healthcheck),
  label: located(label),
  run: located(run),
  shell: located(shell),
  stopSignal: located(stopSignal),
  user: located(user),
  volume: located(volume),
  workdir: located(workdir),
  writeFile: located(writeFile),
})

/** Describes a build, and gives the stage that the image is made of. */
export type BuildFunction = (tools: BuildTools) => CodeStage | Promise<CodeStage>
