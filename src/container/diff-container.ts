// SPDX-License-Identifier: Apache-2.0
import { createPipe } from '../native/descriptor.js'
import { Output } from '../native/output.js'
import { checkOptions } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { keepAlive } from './keep-alive.js'
import type { Subject } from './operate.js'
import { treeReader } from './read-tree.js'

/** What became of one file or directory of the image. */
export interface ContainerChange {
  /** Absolute, inside. Bytes that are not UTF-8 are U+FFFD. */
  readonly path: string
  /** A directory in which something changed is changed itself. Of a deleted one only itself is told. */
  readonly kind: 'added' | 'changed' | 'deleted'
}

const kinds: Readonly<Record<string, ContainerChange['kind']>> = { A: 'added', C: 'changed', D: 'deleted' }

/** What the container changed in its image, sorted by path; mounts apart, running or not. */
export async function diffContainer(subject: Subject, options: CallOptions): Promise<readonly ContainerChange[]> {
  checkOptions<CallOptions>(options, callShape)
  const { signal } = options
  signal?.throwIfAborted()
  const release = keepAlive()
  try {
    const reader = await treeReader(subject, 'diff')
    const { readEnd, writeEnd } = createPipe()
    const output = new Output(readEnd)
    const reading = reader.read({ what: 'changes', action: 'diff', output: writeEnd.fd, signal })
    writeEnd.close()
    const [records] = await Promise.all([allOf(output), reading])
    return records.map(changeOf)
  } finally {
    release()
  }
}

async function allOf(output: Output): Promise<readonly string[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString().split('\0').slice(0, -1)
}

function changeOf(record: string): ContainerChange {
  return { path: `/${record.slice(1)}`, kind: kinds[record.charAt(0)] ?? 'changed' }
}
