// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type DockerDaemon, startDockerDaemon } from '../../support/docker-daemon.js'
import { testNeeding } from '../../support/needs.js'
import { livesAsUsersKnow } from '../../support/oci-caller.js'
import { call, openRuntimeBench, type RuntimeBench, runtimeCommand } from '../../support/oci-runtime.js'

const testAsRoot = testNeeding('root')

describe("Debian's podman and docker", () => {
  let bench: RuntimeBench
  let archive = ''
  let daemon: DockerDaemon | undefined
  beforeAll(async () => {
    if (process.getuid?.() !== 0) return
    bench = await openRuntimeBench()
    archive = join(bench.directory, 'rootfs.tar')
    await call('tar', ['-C', bench.rootfs, '-cf', archive, '.'])
  })
  afterAll(async () => {
    await daemon?.end()
    await bench?.end()
  })

  testAsRoot('podman --runtime runs, stops, restarts and enters containers', async () => {
    const [storage, run, tmp] = ['storage', 'run', 'tmp'].map((name) => join(bench.directory, 'podman', name)) as [
      string,
      string,
      string,
    ]
    await mkdir(tmp, { recursive: true })
    const words = [
      ...['podman', '--runtime', runtimeCommand, '--root', storage, '--runroot', run, '--tmpdir', tmp],
      ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
    ]
    try {
      expect(await call('podman', [...words.slice(1), 'import', archive, 'box'])).toMatchObject({ status: 0 })
      await livesAsUsersKnow(words, 'box')
    } finally {
      await call('podman', [...words.slice(1), 'rm', '--all', '--force', '--time', '0'])
      await call('umount', ['-R', storage])
    }
  })

  testAsRoot('dockerd --default-runtime does, too', async () => {
    const name = `tsc-${createHash('sha256').update(bench.directory).digest('hex').slice(0, 8)}`
    const words = ['--add-runtime', `${name}=${runtimeCommand}`, '--default-runtime', name]
    daemon = await startDockerDaemon(bench.directory, { words, firewall: false })
    const socket = `unix://${join(bench.directory, 'docker/sock')}`
    await daemon.docker('import', archive, 'box')
    await livesAsUsersKnow(['docker', '--host', socket], 'box')
    expect(await daemon.docker('info', '--format', '{{.DefaultRuntime}}')).toBe(name)
  })
})
