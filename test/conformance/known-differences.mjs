// SPDX-License-Identifier: Apache-2.0
// What runc passes and tscontainer-runtime does not, on purpose.
import { listsAsMade } from './mount-order.mjs'

/**
 * Programs that are not run. This one has containers without a namespace of their own; those without a mount namespace are refused (decision 43). runc mounts
 * for them into the caller's, where the mounts stay, and the program then removes the bundle with everything in it: it tries all of /proc, and a message queue of the caller's
 * that was there before is gone after it.
 */
export const notRun = ['linux_ns_itype']

/** By program and by result, each with why, and the kernels on which it is so. */
export const knownDifferences = [
  {
    program: /^/,
    text: /^mounts\[\d+\] \(\S+\) found in order$/,
    where: listsAsMade,
    why: 'this kernel lists mounts as they were made, not as they were attached: /dev and binds are made before the others',
  },
  {
    program: /^linux_ns_path$/,
    text: /^set mnt namespace by path$/,
    why: 'a mount namespace by path is refused (decision 43)',
  },
  {
    program: /^process_capabilities_fail$/,
    text: /^/,
    why: 'a capability that does not exist is refused, as the specification demands; runc runs the program without it',
  },
]

/** Why it is on purpose, or undefined where it is not. */
export const whyOnPurpose = (program, text) =>
  knownDifferences.find(
    ({ program: of, text: result, where }) => of.test(program) && result.test(text) && (where?.() ?? true),
  )?.why
