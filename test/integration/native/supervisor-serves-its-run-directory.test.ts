// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/native/connection.js'
import { probeSupervisor } from '../../../src/native/start-supervisor.js'
import { type Greeted, openSupervisor } from '../../../src/native/supervisor.js'

let directory: string
let paths: { readonly root: string; readonly runRoot: string }
const open = new Set<Connection>()

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsc-native-'))
  paths = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
})
afterEach(async () => {
  for (const connection of open) connection.close()
  open.clear()
  await rm(directory, { recursive: true, force: true })
})

async function connect(options: Partial<Parameters<typeof openSupervisor>[0]> = {}): Promise<Greeted> {
  const greeted = await openSupervisor({ ...paths, ...options })
  open.add(greeted.connection)
  return greeted
}

const isGone = async (pid: number) => {
  try {
    return (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ')
  } catch {
    return true
  }
}

describe('the supervisor', () => {
  it('is started by the first connection, found by the next, and leaves with the last', async () => {
    const first = await connect()
    const second = await connect()
    expect(second.hello.pid).toBe(first.hello.pid)
    expect(first.hello).toMatchObject({ protocol: 1, rootless: process.geteuid?.() !== 0 })
    expect((await first.connection.request('list', {})).result.containers).toEqual([])
    first.connection.close()
    expect((await second.connection.request('list', {})).result.containers).toEqual([])
    second.connection.close()
    await expect.poll(() => isGone(first.hello.pid)).toBe(true)
  })

  it('is one, however many open it at the same time', async () => {
    const pids = await Promise.all(Array.from({ length: 20 }, async () => (await connect()).hello.pid))
    expect(new Set(pids).size).toBe(1)
  })

  it('is one for several processes too', async () => {
    const script = `
      import { openSupervisor } from ${JSON.stringify(join(import.meta.dirname, '../../../src/native/supervisor.ts'))}
      const { hello, connection } = await openSupervisor(${JSON.stringify(paths)})
      console.log(hello.pid)
      process.stdin.on('end', () => connection.close()).resume()`
    const tsx = join(import.meta.dirname, '../../../node_modules/.bin/tsx')
    const children = [1, 2, 3].map(() =>
      spawn(tsx, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    // All are there at once: none leaves before the last one has said whom it met.
    const pids = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])))
    expect(new Set(pids).size).toBe(1)
    expect(pids[0]).toMatch(/^\d+\n$/)
    await Promise.all(
      children.map(async (child) => {
        child.stdin.end()
        expect(await once(child, 'exit')).toEqual([0, null])
      }),
    )
  })

  it('is there again, whoever opens while the last one leaves', async () => {
    for (let i = 0; i < 20; i++) {
      const { connection } = await connect()
      await connection.request('list', {})
      connection.close()
    }
  })

  it('killed, is reported to whoever waits, and replaced by the next', async () => {
    const lost: unknown[] = []
    const first = await connect({ onLost: (error) => lost.push(error) })
    process.kill(first.hello.pid, 'SIGKILL')
    await expect.poll(() => lost.length).toBe(1)
    await expect(first.connection.request('list', {})).rejects.toMatchObject({ code: 'ERR_SUPERVISOR_LOST' })
    expect((await connect()).hello.pid).not.toBe(first.hello.pid)
  })

  it('has a private run directory and socket', async () => {
    await connect()
    expect((await lstat(paths.runRoot)).mode & 0o777).toBe(0o700)
    expect((await lstat(join(paths.runRoot, 'v1', 'supervisor.sock'))).mode & 0o077).toBe(0)
  })

  it('keeps those away from it who clean old files out of /tmp', async () => {
    const { hello } = await connect()
    // As systemd-tmpfiles asks before it looks for any.
    const clean = () => spawnSync('flock', ['--exclusive', '--nonblock', paths.runRoot, 'true']).status
    expect(clean()).toBe(1)
    process.kill(hello.pid, 'SIGKILL')
    await expect.poll(clean).toBe(0)
    await connect()
  })

  it('is reached below a run directory with a long path', async () => {
    const runRoot = join(directory, 'r'.repeat(100), 's'.repeat(100))
    const { hello } = await connect({ runRoot })
    expect((await connect({ runRoot })).hello.pid).toBe(hello.pid)
  })

  it('is not started in a run directory that others can enter', async () => {
    await mkdir(paths.runRoot)
    await chmod(paths.runRoot, 0o755)
    await expect(openSupervisor(paths)).rejects.toMatchObject({ code: 'ERR_PERMISSION', object: paths.runRoot })
    expect(await readdir(paths.runRoot)).toEqual([])
  })

  it('is not started when the signal has aborted', async () => {
    const reason = new Error('no more')
    await expect(openSupervisor({ ...paths, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await readdir(directory)).toEqual([])
  })

  it('keeps no descriptor that Node inherited or has open', async () => {
    const script = `
      const { openSupervisor } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/native/supervisor.ts'))})
      const { hello, connection } = await openSupervisor(${JSON.stringify(paths)})
      const { readdirSync, readlinkSync } = await import('node:fs')
      const seen = readdirSync('/proc/' + hello.pid + '/fd').map((fd) => fd + ' ' + readlinkSync('/proc/' + hello.pid + '/fd/' + fd))
      console.log(JSON.stringify(seen))
      connection.close()`
    const tsx = join(import.meta.dirname, '../../../node_modules/.bin/tsx')
    // Node makes the lowest ones it inherited close-on-exec, up to the first gap.
    const command = `exec 9</etc/hostname 200</etc/hostname; exec "$0" --input-type=module -e "$1"`
    const { stdout } = await promisify(execFile)('bash', ['-c', command, tsx, script])
    const seen = JSON.parse(stdout) as string[]
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.filter((target) => target.includes('hostname'))).toEqual([])
  })

  it('runs an executable that nobody can change', async () => {
    const { hello } = await connect()
    if (process.geteuid?.() === 0)
      expect(await readlink(`/proc/${hello.pid}/exe`)).toMatch(/^\/memfd:tscontainer-supervisor/)
  })

  it('answers a probe without staying', async () => {
    expect(await probeSupervisor()).toBeTypeOf('object')
    expect(await readdir(directory)).toEqual([])
  })
})

describe('a request to the supervisor', () => {
  it('that it does not understand fails, and the connection lives on', async () => {
    const { connection } = await connect()
    const container = 'f'.repeat(64)
    await expect(connection.request('inspect', { container })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
    })
    await expect(connection.request('inspect', { container: '../../etc' })).rejects.toMatchObject({
      name: 'EngineError',
    })
    await expect(connection.request('nonsense' as 'list', {})).rejects.toMatchObject({ name: 'EngineError' })
    expect((await connection.request('list', {})).result.containers).toEqual([])
  })

  it('of a megabyte arrives', async () => {
    const { connection } = await connect()
    const padding = 'x'.repeat(1 << 20)
    const { result } = await connection.request('list', { padding } as object)
    expect(result.containers).toEqual([])
  })

  it('gives descriptors back that work: a staging directory', async () => {
    const { connection } = await connect()
    const name = 'native-test'
    const { fds } = await connection.request('layer.begin', { name })
    expect(fds).toHaveLength(1)
    expect(await readlink(`/proc/self/fd/${fds[0]!.fd}`)).toBe(join(paths.root, 'tmp', name, 'fs'))
    for (const fd of fds) fd.close()
  })
})
