// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { UndoStack } from '../src/util/undo-stack.js'

const run = promisify(execFile)

/** Network namespaces on a bridge, and nothing else: what the kernel does when nobody asks it for more. */
export interface PlainNetwork {
  readonly addresses: readonly string[]
  /** A command in one of them; by its place. */
  inside(index: number, argv: readonly string[]): readonly string[]
}

/** Makes two. Needs root. */
export async function plainNetwork(undo: UndoStack): Promise<PlainNetwork> {
  const bridge = `tsb-${process.pid}`
  const ip = (words: string) => run('ip', words.split(' '))
  await ip(`link add ${bridge} type bridge`)
  undo.push('link add', async () => void (await ip(`link delete ${bridge}`)))
  await ip(`link set ${bridge} up`)
  const holders: ChildProcess[] = []
  for (const index of [0, 1]) {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo made; exec sleep 10000'])
    undo.push('unshare', async () => void (holder.kill('SIGKILL') && (await once(holder, 'exit'))))
    await once(holder.stdout, 'data')
    holders.push(holder)
    const port = `tsb${index}-${process.pid}`
    await ip(`link add ${port} type veth peer name eth0 netns ${holder.pid}`)
    undo.push('link add', async () => void (await ip(`link delete ${port}`)))
    await ip(`link set ${port} master ${bridge} up`)
    for (const words of [`address add 10.225.0.${index + 2}/24 dev eth0`, 'link set eth0 up', 'link set lo up'])
      await run('nsenter', ['--target', String(holder.pid), '--net', 'ip', ...words.split(' ')])
  }
  return {
    addresses: ['10.225.0.2', '10.225.0.3'],
    inside: (index, argv) => ['nsenter', '--target', String(holders[index]?.pid), '--net', ...argv],
  }
}
