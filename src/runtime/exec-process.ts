// SPDX-License-Identifier: Apache-2.0

import { consoleSize } from './container-plan.js'
import { mergeEnvironment, withTerm } from './environment.js'
import type { ExecOptions } from './exec-options.js'
import { hostTerminalSize } from './host-terminal.js'
import { type ExecTemplate, type NamedProcessSpec, processSpec } from './process-spec.js'
import { mergeRlimits, rlimitsOf } from './rlimits.js'

/** A command in a container as an OCI process: the container's, with what the options say. */
export function execProcess(template: ExecTemplate, argv: readonly string[], options: ExecOptions): NamedProcessSpec {
  const { env, cwd, user, rlimits, tty } = options
  const changed: ExecTemplate = {
    ...template,
    env: withTerm(env ? mergeEnvironment(template.env, env) : template.env, tty),
    cwd: cwd ?? template.cwd,
    user: user === undefined ? template.user : String(user),
    rlimits: rlimits ? mergeRlimits(template.rlimits, rlimitsOf(rlimits, 'rlimits')) : template.rlimits,
  }
  return processSpec(changed, argv, consoleSize(execTerminal(options)))
}

// Bridged to our own terminal, the command's has its size.
function execTerminal({ tty, stdin, stdout }: ExecOptions): ExecOptions['tty'] {
  const bridged = tty === true && (stdin === 'inherit' || stdout === 'inherit')
  return bridged ? (hostTerminalSize() ?? tty) : tty
}

/** The options over the container's defaults; variables and limits are merged, all else replaced. */
export function withExecDefaults(options: ExecOptions, defaults: ExecOptions | undefined): ExecOptions {
  if (defaults === undefined) return options
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    ...(defaults.env && { env: { ...defaults.env, ...options.env } }),
    ...(defaults.rlimits && { rlimits: { ...defaults.rlimits, ...options.rlimits } }),
  }
}
