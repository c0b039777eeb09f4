// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from '../image/rootfs.js'

const host = useTestEngine()

/** The children of the supervisor that are called that. */
const children = async (name: string): Promise<readonly number[]> => {
  const { supervisorPid } = await host.engine.info()
  const pids = (await readdir('/proc')).filter((pid) => /^\d+$/.test(pid))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      return status.startsWith(`Name:\t${name.slice(0, 15)}\n`) && status.includes(`\nPPid:\t${supervisorPid}\n`)
    }),
  )
  return pids.filter((_, index) => found[index]).map(Number)
}
const onlyChild = async (name: string): Promise<number> => {
  const [pid, ...others] = await children(name)
  if (pid === undefined || others.length > 0) throw new Error(`${pid} ${others} are called ${name}`)
  return pid
}
const killIfThere = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
/** A call that the worker cannot answer, and the worker. */
const stuck = async (
  box: Container,
  options = {},
): Promise<{ readonly worker: number; readonly call: Promise<unknown> }> => {
  await box.fs.stat('/')
  const worker = await onlyChild('tscontainer-files')
  process.kill(worker, 'SIGSTOP')
  const call = box.fs.stat('/etc', options)
  call.catch(() => {})
  return { worker, call }
}

test('killed in the middle of a call it is an error with a code, and the next call works', async () => {
  const box = await host.idle()
  const { worker, call } = await stuck(box)
  const next = box.fs.stat('/usr')
  process.kill(worker, 'SIGKILL')
  await expect(call).rejects.toMatchObject({ code: 'ERR_NATIVE', step: 'run worker' })
  expect((await next).isDirectory()).toBe(true)
  await box.remove({ force: true })
})

test('of a stopped container too, and the one that holds its root', async () => {
  const box = await host.run({ command: ['true'] })
  await box.wait()
  const { call } = await stuck(box)
  process.kill(await onlyChild('tscontainer-root'), 'SIGKILL')
  await expect(call).rejects.toMatchObject({ code: 'ERR_NATIVE', step: 'run worker' })
  await box.fs.writeFile('/after', 'x')
  await box.start()
  await box.wait()
  expect(await box.fs.readFile('/after', 'utf8')).toBe('x')
  await box.remove()
})

test('a call that is aborted ends at once, and the next one works', async () => {
  const box = await host.idle()
  const abort = new AbortController()
  const { call } = await stuck(box, { signal: abort.signal })
  abort.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
  expect((await box.fs.stat('/etc')).isDirectory()).toBe(true)
  await box.remove({ force: true })
})

test.each(['remove', 'stop'] as const)('a call during which the container ends says so: %s', async (how) => {
  const box = await host.idle()
  const { call } = await stuck(box)
  if (how === 'remove') await box.remove({ force: true })
  else await box.stop({ timeoutMs: 0 })
  await expect(call).rejects.toMatchObject({
    code: expect.stringMatching(how === 'remove' ? /ERR_CONTAINER_(STATE|NOT_FOUND)/ : /ERR_CONTAINER_STATE/),
  })
  if (how === 'stop') expect((await box.fs.stat('/etc')).isDirectory()).toBe(true)
  await box.remove({ force: true })
})

test('a copy whose worker is killed fails, and so does one whose container is removed', async () => {
  const box = await host.idle()
  const never = () =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(0)
        await new Promise(() => {})
      })(),
    )
  const copy = box.fs.copyIn(never(), '/x')
  copy.catch(() => {})
  // One that clears away what an earlier container left is called so as well, and may be killed as any other.
  let ended = false
  const end = () => {
    ended = true
  }
  copy.then(end, end)
  const killAll = async () => {
    for (const pid of await children('tscontainer-worker')) killIfThere(pid)
    return ended
  }
  await expect.poll(killAll).toBe(true)
  await expect(copy).rejects.toMatchObject({ code: 'ERR_NATIVE', step: 'run worker' })
  const second = box.fs.copyIn(never(), '/x')
  second.catch(() => {})
  await expect.poll(async () => (await children('tscontainer-worker')).length).toBeGreaterThan(0)
  await box.remove({ force: true })
  await expect(second).rejects.toMatchObject({ code: expect.stringMatching(/ERR_CONTAINER_(STATE|NOT_FOUND)/) })
})

test('200 MB go in and out with little memory', async () => {
  const bytes = 200 * 1024 * 1024
  const big = join(host.directory, 'big')
  await run('dd', 'if=/dev/urandom', `of=${big}`, 'bs=1M', 'count=200')
  const digest = (await run('sha256sum', big)).slice(0, 64)
  const box = await host.idle()
  const before = process.memoryUsage().rss
  await box.fs.copyIn(big, '/big')
  expect((await box.sh('sha256sum < /big')).stdout).toMatch(digest)
  await box.fs.copyOut('/big', join(host.directory, 'back'))
  expect(await run('sha256sum', join(host.directory, 'back'))).toMatch(digest)
  await pipeline(Readable.fromWeb(box.fs.copyOut('/big') as never), createWriteStream(join(host.directory, 'big.tar')))
  expect(await run('sh', '-c', `tar -xOf '${join(host.directory, 'big.tar')}' big | sha256sum`)).toMatch(digest)
  const source = await open(big)
  await box.fs.writeFile('/streamed', source.createReadStream())
  expect((await box.fs.stat('/streamed')).size).toBe(bytes)
  expect((await box.sh('sha256sum < /streamed')).stdout).toMatch(digest)
  expect(process.memoryUsage().rss - before).toBeLessThan(bytes)
  await box.remove({ force: true })
})
