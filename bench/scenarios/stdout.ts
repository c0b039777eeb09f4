// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'

const blocks = 16_384
const blockBytes = 65_536
const dd = ['dd', 'if=/dev/zero', `bs=${blockBytes}`, `count=${blocks}`]

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0
  for await (const chunk of chunks) bytes += chunk.byteLength
  if (bytes !== blocks * blockBytes) throw new Error(`${bytes} bytes arrived instead of ${blocks * blockBytes}`)
}

export const stdout: Scenario = {
  name: 'stdout',
  run: async (bench): Promise<Outcome> => {
    const container = await bench.container('/bin/sleep', '1000')
    await container.start()
    const fromContainer = async (): Promise<void> => {
      const execution = container.exec(['/bin/busybox', ...dd], { buffer: false, stderr: 'ignore' })
      await drain(execution.stdout)
      await execution
    }
    const fromNode = async (): Promise<void> => {
      const child = spawn(join(bench.rootfs, 'bin/busybox'), dd, { stdio: ['ignore', 'pipe', 'ignore'] })
      const ended = once(child, 'exit')
      await drain(child.stdout)
      await ended
    }
    try {
      const ours = { name: 'ours', run: () => timed(fromContainer) }
      const node = { name: "Node's child_process", run: () => timed(fromNode) }
      const measured = await alternate(ours, [node], { rounds: 4, repeat: 1 })
      return { scenario: 'stdout', title: '1 GiB from stdout into JavaScript', unit: 'ms', ...measured }
    } finally {
      await container.remove({ force: true })
    }
  },
}
