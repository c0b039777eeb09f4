// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { supervisorExecutable } from '../../../src/native/addon.js'
import { testNeeding } from '../../support/needs.js'

let directory: string
let executable: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'noexec-'))
  executable = join(directory, 'program')
  await copyFile('/bin/dash', executable)
  await chmod(executable, 0o755)
})
afterAll(() => rm(directory, { recursive: true }))

// vm.memfd_noexec belongs to the pid namespace: in one of our own it is set, and the machine's stays as it is.
async function start(): Promise<{ readonly line?: string; readonly errno?: number; readonly step?: string }> {
  const options = {
    executable,
    arguments: ['-c', 'readlink /proc/$$/exe >&3'],
    environment: [],
    keepStderr: false,
    timeoutMs: 5000,
  }
  const script = `
    const module_ = { exports: {} }
    process.dlopen(module_, ${JSON.stringify(join(dirname(supervisorExecutable()), 'tscontainer.node'))})
    module_.exports.spawnSupervisor(${JSON.stringify(options)}).then(
      (line) => console.log(JSON.stringify({ line })),
      ({ step, errno }) => console.log(JSON.stringify({ step, errno })))`
  const command = 'echo 2 > /proc/sys/vm/memfd_noexec && exec "$0" -e "$1"'
  const args = ['--pid', '--fork', '--mount-proc', 'sh', '-c', command, process.execPath, script]
  const { stdout } = await promisify(execFile)('unshare', args)
  return JSON.parse(stdout)
}

describe('where the kernel executes no memfd', () => {
  testNeeding('root')('the supervisor is started from its file', async () => {
    expect(await start()).toEqual({ line: executable })
  })

  testNeeding('root')('a file that others can write is not started', async () => {
    await chmod(executable, 0o775)
    expect(await start()).toEqual({ step: 'verify supervisor', errno: 1 })
  })
})
