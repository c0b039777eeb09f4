// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const addon = join(import.meta.dirname, '../../../build/Release/tscontainer.node')

// Calls that convert what they are given may run JavaScript, and fail in a worker that may not any more.
const calls = {
  tryLock: 'addon.tryLock(fd, true); addon.unlock(fd)',
  endTerminalInput: 'addon.endTerminalInput(fd, true)',
  spawnSupervisor: `try { addon.spawnSupervisor({ executable: '', arguments: ['a'], environment: ['A=b'], keepStderr: true, timeoutMs: 1 }) } catch {}`,
  pipe: 'for (const end of addon.pipe()) addon.closeDescriptor(end)',
  openDirectory: `addon.closeDescriptor(addon.openDirectory('/'))`,
}

test.each(Object.entries(calls))('ending a worker in the middle of %s ends nothing else', async (_, call) => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-ended-'))
  const worker = `
    const addon = require(${JSON.stringify(addon)})
    const fd = require('node:fs').openSync(${JSON.stringify(join(directory, 'lock'))}, 'w')
    require('node:worker_threads').parentPort.postMessage('ready')
    for (;;) { ${call} }`
  const program = `
    const { Worker } = require('node:worker_threads')
    const main = async () => {
      for (let i = 0; i < 20; i++) {
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true })
        await new Promise((resolve) => worker.once('message', resolve))
        await worker.terminate()
      }
      console.log('all ended')
    }
    main()`
  expect((await run(process.execPath, ['-e', program])).stdout).toBe('all ended\n')
  await rm(directory, { recursive: true })
})
