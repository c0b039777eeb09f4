// SPDX-License-Identifier: Apache-2.0

import { EngineError } from '../../errors/engine-error.js'
import type { ImageHealthcheck } from '../../oci/image-config.js'
import { parseDurationMs } from '../../util/duration.js'
import type { HealthcheckInstruction, Word } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

const flagKinds = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const

/** `HEALTHCHECK [flags] CMD command`, or `HEALTHCHECK NONE`. */
export function parseHealthcheck(node: InstructionNode): HealthcheckInstruction {
  const [type] = node.atLeastOne()
  const flags = node.flags(flagKinds)
  const kind = type?.text.toUpperCase()
  if (kind === 'NONE') {
    if (node.args.length > 1) throw node.fail(node.args[1] ?? null, 'HEALTHCHECK NONE takes no arguments')
    return { ...node.base, kind: 'healthcheck', healthcheck: { test: ['NONE'] } }
  }
  if (kind !== 'CMD') {
    throw node.fail(type ?? null, `Unknown type '${kind}' in HEALTHCHECK (try CMD)`, 'HEALTHCHECK CMD command')
  }
  const { args, isForShell } = node.command(1)
  if (args.length === 0) throw node.fail(type ?? null, 'Missing command after HEALTHCHECK CMD')
  const healthcheck: ImageHealthcheck = {
    test: [isForShell ? 'CMD-SHELL' : 'CMD', ...args],
    ...durationOf(node, 'intervalMs', flags.interval),
    ...durationOf(node, 'timeoutMs', flags.timeout),
    ...durationOf(node, 'startPeriodMs', flags['start-period']),
    ...durationOf(node, 'startIntervalMs', flags['start-interval']),
    ...retriesOf(node, flags.retries),
  }
  return { ...node.base, kind: 'healthcheck', healthcheck }
}

// Nothing and 0 both mean Docker's default.
function durationOf(node: InstructionNode, name: keyof ImageHealthcheck, flag: Word | undefined) {
  if (!flag?.text) return {}
  const duration = parseMs(node, flag)
  if (duration === 0) return {}
  if (duration < 1) throw node.fail(flag, 'a time of HEALTHCHECK cannot be less than 1ms')
  return { [name]: duration }
}

function parseMs(node: InstructionNode, flag: Word): number {
  if (/^\d+$/.test(flag.text) && flag.text !== '0')
    throw node.fail(flag, `missing unit in duration '${flag.text}'`, '30s')
  try {
    // Go, whose durations these are, has no days.
    return parseDurationMs(flag.text.replace(/^\+/, '').replaceAll('d', 'days'), 'duration')
  } catch (error) {
    if (EngineError.is(error)) throw node.fail(flag, `'${flag.text}' is not a duration`, 'write 500ms, 30s, 1m30s')
    throw error
  }
}

function retriesOf(node: InstructionNode, flag: Word | undefined) {
  if (!flag?.text) return {}
  const retries = Number(flag.text)
  if (!/^[+-]?\d+$/.test(flag.text) || retries > 0x7fff_ffff)
    throw node.fail(flag, `'${flag.text}' is not a number of retries`)
  if (retries < 0) throw node.fail(flag, `--retries cannot be negative (${retries})`)
  return retries === 0 ? {} : { retries }
}
