// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check } from '../util/validate.js'

// What belongs to the ipc or the network namespace. All else is the host's.
const ipc = /^(kernel\.(shm[a-z_]*|msg[a-z_]*|sem)|fs\.mqueue\.[a-z_]+)$/
const network = /^net(\.[a-zA-Z0-9_-]+)+$/

/** Refuses settings that are not of a namespace, and values that would be more than one line. */
export const checkSysctls: Check = (value, option) => {
  check.recordOf(check.matching(/^[^\0\n\r]{0,4095}$/, 'one line of text'))(value, option)
  for (const name of Object.keys(value as object)) {
    if (ipc.test(name) || network.test(name)) continue
    throw invalidArgument(
      `${option}.${name}`,
      `${quoted(name)} is no setting of a container's namespaces`,
      'kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* are',
    )
  }
}

/** Which of the settings need a namespace that the container does not have for itself. */
export function foreignSysctl(
  sysctls: Readonly<Record<string, string>>,
  own: { readonly ipc: boolean; readonly network: boolean },
): string | undefined {
  return Object.keys(sysctls).find((name) => (ipc.test(name) && !own.ipc) || (network.test(name) && !own.network))
}
