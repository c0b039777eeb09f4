// SPDX-License-Identifier: Apache-2.0
import type { OnBuildInstruction } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

/** `ONBUILD instruction`. What the instruction means is found out when an image is built on this one. */
export function parseOnBuild(node: InstructionNode): OnBuildInstruction {
  const { child, heredocs, original, positionAt } = node.node
  if (!child) throw node.fail(null, 'ONBUILD requires at least one argument')
  node.flags({})
  const trigger = child.keyword.toUpperCase()
  const at = { text: trigger, position: positionAt(child.at) }
  if (trigger === 'ONBUILD') throw node.fail(at, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (trigger === 'FROM' || trigger === 'MAINTAINER') {
    throw node.fail(at, `${trigger} isn't allowed as an ONBUILD trigger`)
  }
  const texts = heredocs.map(({ content, name }) => `\n${content}${name}`)
  return { ...node.base, kind: 'onbuild', trigger: original.replace(/^\s*ONBUILD\s*/i, '') + texts.join('') }
}
