// SPDX-License-Identifier: Apache-2.0
import { didYouMean } from '../suggest.js'
import type { RunDevice, RunInstruction, Word } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'
import { splitCsv } from './split-csv.js'

const networks = ['default', 'none', 'host'] as const
const securities = ['sandbox', 'insecure'] as const

/** `RUN [flags] command`. */
export function parseRun(node: InstructionNode): RunInstruction {
  const flags = node.flags({ mount: 'texts', network: 'text', security: 'text', device: 'texts' })
  for (const mount of flags.mount) checkMount(node, mount)
  return {
    ...node.base,
    kind: 'run',
    command: node.command(),
    mounts: flags.mount,
    network: oneOf(node, networks, flags.network, 'network mode'),
    security: oneOf(node, securities, flags.security, 'security mode'),
    devices: flags.device.map((device) => deviceOf(node, device)),
  }
}

function oneOf<T extends string>(
  node: InstructionNode,
  allowed: readonly [T, ...T[]],
  flag: Word | undefined,
  what: string,
): T {
  if (!flag) return allowed[0]
  const found = allowed.find((value) => value === flag.text)
  if (found) return found
  const hint = didYouMean(flag.text, allowed) ?? `it is one of ${allowed.join(', ')}`
  throw node.fail(flag, `invalid ${what} '${flag.text}'`, hint)
}

// Everything else about mounts waits for the variables; where their files come from decides which stages are built.
function checkMount(node: InstructionNode, mount: Word): void {
  for (const field of fieldsOf(node, mount)) {
    const [, value] = /^from=(.*)$/is.exec(field) ?? []
    if (value && /\$./s.test(value)) {
      const problem = "'from' doesn't support variable expansion, define alias stage instead"
      throw node.fail(mount, problem, `FROM ${value} AS name before it, and from=name here`)
    }
  }
}

function deviceOf(node: InstructionNode, device: Word): RunDevice {
  let name = ''
  let required = false
  for (const field of fieldsOf(node, device)) {
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(field) ?? []
    if (key.toLowerCase() === 'required') required = truthOf(node, device, value ?? 'true')
    else if (name === '') name = key.toLowerCase() === 'name' ? (value ?? '') : field
    else throw node.fail(device, `unexpected key '${key}' in '${field}'`, didYouMean(key, ['name', 'required']))
  }
  if (name === '') throw node.fail(device, 'a device has no name')
  return { name, required }
}

function truthOf(node: InstructionNode, at: Word, value: string): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true
  if (/^(?:0|f|false)$/i.test(value)) return false
  throw node.fail(at, `invalid value for required: ${value}`)
}

function fieldsOf(node: InstructionNode, flag: Word): readonly string[] {
  if (flag.text === '') throw node.fail(flag, 'the flag is empty')
  const fields = splitCsv(flag.text)
  if ('problem' in fields) throw node.fail(flag, `failed to parse comma-separated values: ${fields.problem}`)
  return fields
}
