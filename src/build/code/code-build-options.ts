// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { check, checkOptions } from '../../util/validate.js'
import { type BuildOptions, buildOptionsShape } from '../build-options.js'

/** How what a function describes is built: as for a Dockerfile, without what chooses one or a stage of it. */
export interface CodeBuildOptions
  extends Omit<BuildOptions, 'args' | 'dockerfile' | 'dockerfileText' | 'noCache' | 'target'> {
  /** Proxies of commands (`https_proxy` and the like, part of no key) and SOURCE_DATE_EPOCH; all else are variables of the code itself. */
  readonly args?: Readonly<Record<string, string>> | undefined
  /** Does every step again; results are recorded all the same. */
  readonly noCache?: boolean | undefined
}

const forDockerfiles = ['dockerfile', 'dockerfileText', 'target'] as const
const knownArgument = /^(?:SOURCE_DATE_EPOCH|(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY|(?:http|https|ftp|no|all)_proxy)$/

/** Refuses what is malformed, and what has no meaning without a Dockerfile. */
export function checkCodeBuildOptions(options: unknown): asserts options is CodeBuildOptions {
  checkOptions<BuildOptions>(options, { ...buildOptionsShape, noCache: check.boolean })
  for (const name of forDockerfiles) {
    if ((options as BuildOptions)[name] !== undefined)
      throw invalidArgument(name, 'has no meaning for a build that a function describes')
  }
  for (const name of Object.keys((options as BuildOptions).args ?? {})) {
    if (knownArgument.test(name)) continue
    const problem = `${quoted(name)} is none of the arguments that a build in code knows`
    throw invalidArgument(`args.${name}`, problem, 'use the value in the function itself')
  }
}
