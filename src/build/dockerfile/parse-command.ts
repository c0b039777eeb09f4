// SPDX-License-Identifier: Apache-2.0
import type { CmdInstruction, EntrypointInstruction, ShellInstruction } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

/** `CMD command`. */
export function parseCmd(node: InstructionNode): CmdInstruction {
  node.flags({})
  return { ...node.base, kind: 'cmd', command: node.command() }
}

/** `ENTRYPOINT command`. */
export function parseEntrypoint(node: InstructionNode): EntrypointInstruction {
  node.flags({})
  return { ...node.base, kind: 'entrypoint', command: node.command() }
}

/** `SHELL ["program", "argument"]`. */
export function parseShell(node: InstructionNode): ShellInstruction {
  node.flags({})
  const { args, isForShell } = node.command()
  if (args.length === 0) throw node.fail(null, 'SHELL requires at least one argument')
  if (isForShell) {
    throw node.fail(node.args[0] ?? null, 'SHELL requires the arguments to be in JSON form', 'SHELL ["/bin/sh", "-c"]')
  }
  return { ...node.base, kind: 'shell', shell: args }
}
