// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import type { ExecOptions, OutputTarget } from './exec-options.js'
import type { OutputName } from './output-log.js'
import type { InputSource } from './process-input.js'

type Input = ExecOptions['stdin']

const own = { stdin: 0, stdout: 1, stderr: 2 } as const

/** Whether we write it: by hand, or from a source. */
export function isFed(stdin: Input): boolean {
  return stdin !== undefined && stdin !== 'ignore' && inputDescriptor(stdin) === undefined
}

/** The descriptor that the process reads itself. */
export function inputDescriptor(stdin: Input): number | undefined {
  if (stdin === 'inherit') return own.stdin
  if (typeof stdin === 'number') return stdin
  // Some streams have a descriptor, too: what they hold already would be lost with it.
  if (typeof stdin !== 'object' || stdin instanceof Readable || !('fd' in stdin)) return undefined
  return stdin.fd
}

/** What is to be written into it; undefined for what is written by hand. */
export function inputSource(stdin: Input): InputSource | undefined {
  return stdin === 'pipe' ? undefined : (stdin as InputSource)
}

/** The descriptor that the process writes to itself; undefined: to nowhere. */
export function outputDescriptor(name: OutputName, target: OutputTarget | undefined): number | undefined {
  if (target === undefined || target === 'pipe' || target === 'ignore') return undefined
  if (target === 'inherit') return own[name]
  return typeof target === 'number' ? target : target.fd
}
