// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { testNeeding } from '../support/needs.js'
import { openRuntimeBench, type RuntimeBench } from '../support/oci-runtime.js'

const testAsRoot = testNeeding('root')
const strong = ['CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_SYS_ADMIN']

// CVE-2019-5736: whoever enters a container shows it the file of the program that enters.
describe('/proc/<pid>/exe of tscontainer-runtime', () => {
  let bench: RuntimeBench
  beforeAll(async () => {
    if (process.getuid?.() === 0) bench = await openRuntimeBench()
  })
  afterAll(() => bench?.end())

  testAsRoot('a container that may trace everything in it cannot change it', async () => {
    const bundle = await bench.bundle('strong', 'sleep 100', (config) => {
      config.process.capabilities = { bounding: strong, effective: strong, permitted: strong }
    })
    expect(await bench.create('create', bundle, 'strong')).toMatchObject({ status: 0, stderr: '' })
    // It waits to be started, so process 1 is the command itself still; its file is all there is of a mount of its own.
    expect((await bench.runtime('exec', 'strong', 'readlink', '/proc/1/exe')).stdout).toBe('/\n')
    expect((await bench.runtime('exec', 'strong', 'touch', '/proc/1/exe')).stderr).toContain('Read-only file system')
  })

  testAsRoot('one that may not does not even see it', async () => {
    const bundle = await bench.bundle('weak', 'sleep 100')
    expect(await bench.create('create', bundle, 'weak')).toMatchObject({ status: 0, stderr: '' })
    expect((await bench.runtime('exec', 'weak', 'readlink', '/proc/1/exe')).status).not.toBe(0)
  })
})
