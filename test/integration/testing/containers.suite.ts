// SPDX-License-Identifier: Apache-2.0
// Run by containers-vanish-with-their-test.test.ts in a vitest of its own, as a program's tests are; TSCONTAINER_ROOT says where.
import { describe } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { expect, test } from '../../../src/testing.js'
import { slow } from '../../support/slow.js'

const patience = { timeoutMs: 10_000 * slow }
const left: string[] = []

describe('containers of one test', () => {
  test('are made in the engine of the file', async ({ containers, engine }) => {
    expect(engine.root).toBe(process.env.TSCONTAINER_ROOT)
    const image = await Image.host({ engine })
    const box = await containers.run(image, { idle: true })
    left.push(box.id)
    expect(box).toBeRunning()
    expect(await Container.list({ engine })).toHaveLength(1)
    // Nobody waits for this one: it is waited for at the end.
    void containers.run(image, { idle: true })
  })

  test('are gone in the next', async ({ engine }) => {
    expect(await Container.list({ engine, all: true })).toEqual([])
    await expect(Container.get(left[0] ?? '', { engine })).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  })
})

const other = test.extend('engineOptions', { scope: 'file' }, () => ({ defaults: { labels: { of: 'tests' } } }))

other('an engine of other options is opened with them', async ({ containers, engine }) => {
  const box = await containers.create(await Image.host({ engine }), { idle: true })
  expect(box.labels).toMatchObject({ of: 'tests' })
})

describe('what containers can be asked', () => {
  test('lines that they have written or are about to', async ({ containers, engine }) => {
    const script = 'echo begun; sleep 0.3; echo listening on 80; sleep 1000'
    const box = await containers.run(await Image.host({ engine }), { command: ['sh', '-c', script] })
    await expect(box).toHaveLogged(/on \d+$/, patience)
    await expect(box).toHaveLogged('begun')
    await expect(box).not.toHaveLogged('done')
    await expect(expect(box).toHaveLogged('done', { timeoutMs: 50 })).rejects.toThrow(
      /to have logged done: container '.*' is running, and wrote last:\n {2}stdout\| begun\n {2}stdout\| listening on 80/,
    )
  })

  test('ends, with their code', async ({ containers, engine }) => {
    const image = await Image.host({ engine })
    const box = await containers.run(image, { command: ['sh', '-c', 'sleep 0.3; exit 3'] })
    await expect(box).not.toHaveExited()
    await expect(box).toHaveExited(3, patience)
    await expect(box).toHaveExited()
    await expect(box).not.toHaveExited(0)
    expect(box).not.toBeRunning()
    await expect(expect(box).toHaveExited(0)).rejects.toThrow(/to have ended with 0: .* is stopped \(3\)/)
    const forever = await containers.run(image, { idle: true })
    await expect(expect(forever).toHaveExited(0, { timeoutMs: 50 })).rejects.toThrow(/is running, and wrote nothing/)
  })

  test('ports on which something listens', async ({ containers, engine }) => {
    const box = await containers.run(await Image.host({ engine }), { idle: true })
    await expect(box).not.toHavePort(8080)
    const serve =
      'use Socket; select undef, undef, undef, 0.2; socket(my $s, PF_INET, SOCK_STREAM, 0); ' +
      'bind($s, sockaddr_in(8080, INADDR_LOOPBACK)); listen($s, 1); sleep 1000'
    const server = box.exec(['perl', '-e', serve], { check: false })
    await expect(box).toHavePort(8080, patience)
    await expect(box).not.toHavePort(80)
    await server.kill('SIGKILL')
    await server
    await expect(expect(box).toHavePort(8080, { timeoutMs: 50 })).rejects.toThrow(/to listen on port 8080/)
  })
})
