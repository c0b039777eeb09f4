// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineError } from '../../../src/errors/engine-error.js'
import { Connection, type ConnectionOptions } from '../../../src/native/connection.js'
import type { EventMessage } from '../../../src/native/messages.js'
import { ownDescriptors } from './own-descriptors.js'
import { type PacketPeer, PacketPeers } from './packet-peer.js'

let peers: PacketPeers
beforeAll(async () => {
  peers = await PacketPeers.build()
})
afterAll(() => peers.remove())

async function open(options?: ConnectionOptions): Promise<{ peer: PacketPeer; connection: Connection }> {
  const peer = await peers.start('script')
  return { peer, connection: new Connection(peer.socket, options) }
}

const container = 'c'.repeat(64)
const exit = { code: 0, signal: null, oomKilled: false, startedAt: 1, finishedAt: 2 }
const exec = { container, exec: 'e'.repeat(64), process: { args: ['true'] }, detached: false }
const turn = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a connection', () => {
  it('sends operation, arguments and descriptors, and matches the answers by id', async () => {
    const { peer, connection } = await open()
    const first = connection.request('wait', { container })
    const second = connection.request('exec', { ...exec, stdout: 0 }, { fds: [1] })
    expect(await peer.received()).toBe(`0 ${JSON.stringify({ container, id: 1, op: 'wait' })}`)
    expect(await peer.received()).toBe(`1 ${JSON.stringify({ ...exec, stdout: 0, id: 2, op: 'exec' })}`)
    peer.send({ id: 2, result: { exitCode: 3 } })
    peer.send({ id: 1, result: { exit } })
    expect((await second).result.exitCode).toBe(3)
    expect((await first).result.exit).toEqual(exit)
    connection.close()
  })

  it('hands over progress and descriptors, and closes those that nobody takes', async () => {
    const { peer, connection } = await open()
    const before = ownDescriptors(/peer$/)
    const spawned: number[] = []
    const heard = connection.request('exec', exec, {
      onProgress: ({ spawned: { pid } }, fds) => {
        spawned.push(pid, fds.length)
        for (const fd of fds) fd.close()
      },
    })
    const unheard = connection.request('exec', exec)
    for (const id of [1, 2]) peer.send({ id, progress: { spawned: { pid: 7 } } }, 1)
    peer.send({ id: 99, result: {} }, 2)
    peer.send({ event: { type: 'paused' } }, 1)
    for (const id of [1, 2]) peer.send({ id, result: {} }, id)
    const replies = await Promise.all([heard, unheard])
    expect(spawned).toEqual([7, 1])
    expect(replies.map((reply) => reply.fds.length)).toEqual([1, 2])
    for (const fd of replies.flatMap((reply) => reply.fds)) fd.close()
    expect(ownDescriptors(/peer$/)).toEqual(before)
    connection.close()
  })

  it('turns a failure into an error with step, errno and object, worded with what the caller knows', async () => {
    const { peer, connection } = await open()
    const failing = connection.request('start', { container }, { failure: { doing: "start container 'web'" } })
    peer.send({ id: 1, error: { step: 'mount overlay', errno: 'EINVAL', object: '/merged' } }, 1)
    const error: EngineError = await failing.catch((reason) => reason)
    expect(error).toMatchObject({ name: 'EngineError', step: 'mount overlay', errno: 'EINVAL', object: '/merged' })
    expect(error.message).toMatch(/^could not start container 'web': /)
    connection.close()
  })

  it('delivers events in order, between the answers', async () => {
    const seen: string[] = []
    const { peer, connection } = await open({ onEvent: (event: EventMessage) => seen.push(event.cursor) })
    const hello = connection
      .request('hello', { protocol: 1, pid: 1, events: true })
      .then(async () => seen.push('hello'))
    for (let i = 0; i < 20; i++) peer.send({ event: { cursor: `before ${i}` } })
    peer.send({ id: 1, result: {} })
    for (let i = 0; i < 20; i++) peer.send({ event: { cursor: `after ${i}` } })
    await hello
    while (seen.length < 41) await turn(1)
    const numbered = (word: string) => Array.from({ length: 20 }, (_, i) => `${word} ${i}`)
    expect(seen).toEqual([...numbered('before'), 'hello', ...numbered('after')])
    connection.close()
  })

  it('sends nothing when the signal had aborted', async () => {
    const { peer, connection } = await open()
    const reason = new Error('before')
    await expect(connection.request('list', {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const next = connection.request('list', {})
    expect(await peer.received()).toContain('"id":1')
    peer.send({ id: 1, result: { containers: [] } })
    await next
    connection.close()
  })

  it('cancels when the signal aborts, and rejects with its reason when the request has ended', async () => {
    const { peer, connection } = await open()
    const controller = new AbortController()
    const reason = new Error('during')
    let ended = false
    const running = connection.request('exec', exec, { signal: controller.signal }).catch((error: unknown) => {
      ended = true
      return error
    })
    await peer.received()
    controller.abort(reason)
    expect(await peer.received()).toBe('0 {"request":1,"id":2,"op":"cancel"}')
    await turn()
    expect(ended).toBe(false)
    peer.send({ id: 1, error: { step: 'exec', errno: 'ECANCELED', object: '' } })
    expect(await running).toBe(reason)
    connection.close()
  })

  it('stops waiting for a container at once when the signal aborts', async () => {
    const { connection } = await open()
    const waiting = connection.request('wait', { container }, { signal: AbortSignal.timeout(20) })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
    connection.close()
  })

  it('rejects everything with ERR_SUPERVISOR_LOST when the other side goes away', async () => {
    const lost: EngineError[] = []
    const { peer, connection } = await open({ onLost: (error) => lost.push(error) })
    const pending = [connection.request('list', {}), connection.request('wait', { container })]
    peer.process.kill('SIGKILL')
    for (const request of pending) await expect(request).rejects.toMatchObject({ code: 'ERR_SUPERVISOR_LOST' })
    await expect(connection.request('list', {})).rejects.toBe(lost[0])
    expect(lost).toHaveLength(1)
    expect(connection.closed).toBe(true)
  })

  it.each(['no json', '7', '{"id":"1","result":{}}', '{"id":1}'])(
    'ends when it hears nonsense: %s',
    async (nonsense) => {
      const { peer, connection } = await open()
      const pending = connection.request('list', {})
      peer.send(nonsense, 2)
      const error = await pending.catch((reason) => reason)
      expect(error).toMatchObject({ code: 'ERR_SUPERVISOR_LOST', cause: { errno: 'EPROTO' } })
      expect(ownDescriptors(/peer$/)).toEqual([])
    },
  )

  it('rejects what is pending with ERR_ENGINE_CLOSED when it is closed', async () => {
    const { connection } = await open({ onLost: () => expect.unreachable() })
    const pending = connection.request('list', {})
    connection.close()
    await expect(pending).rejects.toMatchObject({ code: 'ERR_ENGINE_CLOSED' })
    await expect(connection.request('list', {})).rejects.toMatchObject({ code: 'ERR_ENGINE_CLOSED' })
  })
})
