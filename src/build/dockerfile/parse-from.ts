// SPDX-License-Identifier: Apache-2.0
import type { FromInstruction } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

/** `FROM [--platform=…] base [AS name]`. */
export function parseFrom(node: InstructionNode): FromInstruction {
  const [base, as, name, ...others] = node.args
  const isNamed = as?.text.toLowerCase() === 'as' && name !== undefined && others.length === 0
  if (!base || (as && !isNamed)) {
    throw node.fail(as ?? null, 'FROM requires either one or three arguments', 'FROM image AS name')
  }
  if (name && !/^[a-z][a-z0-9-_.]*$/.test(name.text.toLowerCase())) {
    const problem = "name can't start with a number or contain symbols"
    throw node.fail(name, `invalid name for build stage: '${name.text}', ${problem}`)
  }
  const { platform } = node.flags({ platform: 'text' })
  return {
    ...node.base,
    kind: 'from',
    base,
    platform,
    name: name?.text.toLowerCase(),
    as: as && name && { keyword: as.text, name: name.text },
  }
}
