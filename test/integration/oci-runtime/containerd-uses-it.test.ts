// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { call, openRuntimeBench, runtimeCommand } from '../../support/oci-runtime.js'

const testAsRoot = testNeeding('root')

const settings = (directory: string): string => `version = 2
root = "${join(directory, 'containerd')}"
state = "${join(directory, 'containerd-state')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${join(directory, 'containerd.sock')}"
`

describe("Debian's containerd alone", () => {
  testAsRoot('runs, enters, pauses and ends containers by ctr', async () => {
    const bench = await openRuntimeBench()
    const file = join(bench.directory, 'containerd.toml')
    await writeFile(file, settings(bench.directory))
    const daemon = spawn('containerd', ['--config', file], { stdio: 'ignore' })
    const ctr = (...words: readonly string[]) =>
      call('ctr', ['--address', join(bench.directory, 'containerd.sock'), ...words])
    const runtime = ['--runc-binary', runtimeCommand, '--runc-root', join(bench.directory, 'ctr-state'), '--rootfs']
    const task = async () => (await ctr('tasks', 'ls')).stdout.trim().split('\n').slice(1).join()
    try {
      await expect.poll(async () => (await ctr('version')).status, { timeout: 20_000 }).toBe(0)
      const ran = await ctr('run', '--rm', ...runtime, bench.rootfs, 'once', 'sh', '-c', 'echo $$; exit 7')
      expect(ran).toMatchObject({ status: 7, stdout: '1\n' })
      const detached = await ctr('run', '--detach', ...runtime, bench.rootfs, 'box', 'sleep', '100')
      expect(detached).toMatchObject({ status: 0 })
      const inside = await ctr('tasks', 'exec', '--exec-id', 'one', 'box', 'sh', '-c', 'echo inside; exit 3')
      expect(inside).toMatchObject({ status: 3, stdout: 'inside\n' })
      expect((await ctr('tasks', 'pause', 'box')).status).toBe(0)
      expect(await task()).toMatch(/^box +\d+ +PAUSED/)
      expect((await ctr('tasks', 'resume', 'box')).status).toBe(0)
      expect((await ctr('tasks', 'metrics', 'box')).stdout).toMatch(/memory/)
      expect((await ctr('tasks', 'kill', '--signal', 'SIGKILL', 'box')).status).toBe(0)
      await expect.poll(task, { timeout: 10_000 }).toMatch(/^box +\d+ +STOPPED/)
      expect((await ctr('tasks', 'delete', 'box')).stderr).toContain('137')
      expect((await ctr('containers', 'delete', 'box')).status).toBe(0)
      expect(await task()).toBe('')
    } finally {
      const ended = once(daemon, 'exit')
      daemon.kill()
      await ended
      await bench.end()
    }
  })
})
