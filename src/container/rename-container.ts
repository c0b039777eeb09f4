// SPDX-License-Identifier: Apache-2.0
import { checkName } from '../util/object-name.js'
import { checkOptions } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { operate, type Subject } from './operate.js'

/** Gives it another name, by which others on its networks find it from now on. ERR_NAME_IN_USE; its host name stays. */
export async function renameContainer(subject: Subject, name: string, options: CallOptions = {}): Promise<void> {
  checkName(name, 'name')
  checkOptions<CallOptions>(options, callShape)
  const { signal } = options
  await operate(subject, { op: 'update', args: { resources: {}, name }, action: 'rename', signal })
  // Its event may come after the answer.
  subject.container.name = name
}
