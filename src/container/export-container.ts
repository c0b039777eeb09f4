// SPDX-License-Identifier: Apache-2.0
import { checkOptions } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import type { Subject } from './operate.js'
import { treeReader } from './read-tree.js'
import { treeStream } from './tree-stream.js'

/** Everything in the container's root as a tar, mounts apart, running or not. */
export function exportContainer(subject: Subject, options: CallOptions): ReadableStream<Uint8Array> {
  checkOptions<CallOptions>(options, callShape)
  return treeStream(options.signal, async (output, signal) => {
    const reader = await treeReader(subject, 'export')
    return await reader.read({ what: 'export', action: 'export', output, signal })
  })
}
