// SPDX-License-Identifier: Apache-2.0
import type {
  MaintainerInstruction,
  StopSignalInstruction,
  UserInstruction,
  WorkdirInstruction,
} from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

/** `USER name`. */
export function parseUser(node: InstructionNode): UserInstruction {
  const user = node.exactlyOne()
  node.flags({})
  return { ...node.base, kind: 'user', user }
}

/** `WORKDIR path`. */
export function parseWorkdir(node: InstructionNode): WorkdirInstruction {
  const path = node.exactlyOne()
  node.flags({})
  return { ...node.base, kind: 'workdir', path }
}

/** `STOPSIGNAL signal`. */
export function parseStopSignal(node: InstructionNode): StopSignalInstruction {
  const signal = node.exactlyOne()
  node.flags({})
  return { ...node.base, kind: 'stopsignal', signal }
}

/** `MAINTAINER name`. */
export function parseMaintainer(node: InstructionNode): MaintainerInstruction {
  const { text } = node.exactlyOne()
  node.flags({})
  return { ...node.base, kind: 'maintainer', maintainer: text }
}
