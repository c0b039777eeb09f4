// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { call, openRuntimeBench, runtimeCommand } from '../../support/oci-runtime.js'

const testAsUser = testNeeding('ordinary user', 'subordinate ids')

describe("Debian's podman of an ordinary user", () => {
  testAsUser(
    'runs, enters, stops and starts containers, root in them being the user',
    async () => {
      const bench = await openRuntimeBench()
      const home = join(bench.directory, 'home')
      const run = join(bench.directory, 'run')
      await mkdir(home)
      await mkdir(run, { mode: 0o700 })
      const settings = [`HOME=${home}`, `XDG_RUNTIME_DIR=${run}`]
      const options = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'none', '--storage-driver', 'vfs']
      const podman = (...words: readonly string[]) =>
        call('env', [...settings, 'podman', '--runtime', runtimeCommand, ...options, ...words])
      const alone = ['--network', 'none', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096']
      try {
        const archive = join(bench.directory, 'rootfs.tar')
        await call('tar', ['-C', bench.rootfs, '-cf', archive, '.'])
        expect(await podman('import', archive, 'box')).toMatchObject({ status: 0 })
        const script = 'id -u; cat /proc/self/uid_map; exit 7'
        const { status, stdout } = await podman('run', '--rm', ...alone, 'box', 'sh', '-c', script)
        expect({ status, stdout }).toEqual({
          status: 7,
          stdout: expect.stringMatching(new RegExp(`^0\\n +0 +${process.getuid?.()} +1\\n`)),
        })
        const waits = 'trap "exit 0" TERM; while :; do sleep 0.1; done'
        expect(await podman('run', '-d', '--name', 'one', ...alone, 'box', 'sh', '-c', waits)).toMatchObject({
          status: 0,
        })
        expect(await podman('exec', 'one', 'sh', '-c', 'echo inside; exit 3')).toMatchObject({
          status: 3,
          stdout: 'inside\n',
        })
        expect((await podman('stop', '--time', '20', 'one')).status).toBe(0)
        expect((await podman('start', 'one')).status).toBe(0)
        expect((await podman('ps', '--format', '{{.Names}} {{.Status}}')).stdout).toMatch(/^one Up/)
        expect((await podman('rm', '--force', '--time', '0', 'one')).status).toBe(0)
      } finally {
        await podman('rm', '--all', '--force', '--time', '0')
        await podman('unshare', 'rm', '-rf', home, run)
        await bench.end()
      }
    },
    60_000,
  )
})
