// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { type Channel, openChannel } from '../../../src/native/channel.js'
import { OwnedDescriptor } from '../../../src/native/descriptor.js'
import { ownDescriptors } from './own-descriptors.js'
import { PacketPeers } from './packet-peer.js'

let peers: PacketPeers
beforeAll(async () => {
  peers = await PacketPeers.build()
})
afterAll(() => peers.remove())

// What these tests send: this file, devices, memfds, the peer's own executable.
const sent = /^\/(?!proc)/

interface Received {
  readonly text: string
  readonly fds: readonly number[]
}

interface Line {
  readonly channel: Channel
  next(): Promise<Received>
  readonly closed: Promise<number>
}

function connect(socket: string): Line {
  const packets: Received[] = []
  let wake = () => {}
  let close = (_errno: number) => {}
  const closed = new Promise<number>((resolve) => {
    close = resolve
  })
  const receive = (text: string, fds: readonly number[]) => {
    packets.push({ text, fds })
    wake()
  }
  const channel = openChannel(socket, receive, close)
  channel.setReferenced(true)
  const next = async () => {
    while (packets.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return packets.shift()!
  }
  return { channel, next, closed }
}

describe('a channel', () => {
  it('carries any text, short or long, in order', async () => {
    const { channel, next } = connect((await peers.start('echo')).socket)
    const texts = [
      '{}',
      'zwölf € 🐳',
      'x'.repeat(96 * 1024),
      'y'.repeat(96 * 1024 + 1),
      'ü'.repeat(3_000_000),
      '{"memfd":false}',
    ]
    for (const text of texts) channel.send(text)
    for (const text of texts) expect((await next()).text === text, `${text.slice(0, 10)} ${text.length}`).toBe(true)
    channel.close()
  })

  it('hands on the lines of a packet one by one, and one with descriptors as it is', async () => {
    const { channel, next } = connect((await peers.start('echo')).socket)
    channel.send('one\ntwo\n\nlast €')
    for (const text of ['one', 'two', '', 'last €']) expect(await next()).toEqual({ text, fds: [] })
    channel.send(`first\n${'x'.repeat(200_000)}`)
    for (const text of ['first', 'x'.repeat(200_000)]) expect((await next()).text === text).toBe(true)
    channel.send('with\none', [0])
    const { text, fds } = await next()
    expect(text).toBe('with\none')
    for (const fd of fds) new OwnedDescriptor(fd).close()
    channel.close()
  })

  it('seals what travels beside the packet', async () => {
    const peer = await peers.start('script')
    const { channel } = connect(peer.socket)
    const text = 'm'.repeat(200_000)
    channel.send(text, [0, 1])
    expect(await peer.received()).toBe(`3 ${text}sealed`)
    channel.close()
  })

  it('carries descriptors, with long messages too, and leaves the sender its own', async () => {
    const { channel, next } = connect((await peers.start('echo')).socket)
    const before = ownDescriptors(sent)
    const file = openSync(import.meta.filename, 'r')
    for (const text of ['short', 'l'.repeat(150_000)]) {
      channel.send(text, [file, 0])
      const received = await next()
      expect(received.text).toBe(text)
      expect(received.fds).toHaveLength(2)
      expect(fstatSync(received.fds[0]!).ino).toBe(statSync(import.meta.filename).ino)
      for (const fd of received.fds) new OwnedDescriptor(fd).close()
    }
    closeSync(file)
    expect(ownDescriptors(sent)).toEqual(before)
    channel.close()
  })

  it('receives descriptors that no child inherits', async () => {
    const peer = await peers.start('script')
    const { channel, next } = connect(peer.socket)
    peer.send('one', 1)
    const [fd] = (await next()).fds
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toContain('/peer')
    const { spawnSync } = await import('node:child_process')
    const seen = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }).stdout
    expect(seen).not.toContain('/peer')
    new OwnedDescriptor(fd!).close()
    channel.close()
  })

  it('keeps what the peer has no room for, descriptors included, and delivers it in order', async () => {
    const { channel, next } = connect((await peers.start('echo')).socket)
    const before = ownDescriptors(sent)
    const file = openSync('/dev/zero', 'r')
    for (let i = 0; i < 3000; i++) channel.send(`${i} ${'p'.repeat(1000)}`, i % 100 === 0 ? [file] : [])
    closeSync(file)
    for (let i = 0; i < 3000; i++) {
      const { text, fds } = await next()
      expect(text.split(' ')[0]).toBe(String(i))
      expect(fds).toHaveLength(i % 100 === 0 ? 1 : 0)
      for (const fd of fds) {
        expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/dev/zero')
        new OwnedDescriptor(fd).close()
      }
    }
    expect(ownDescriptors(sent)).toEqual(before)
    channel.close()
  })

  it('closes everything and says so when more descriptors come than the protocol allows', async () => {
    const peer = await peers.start('script')
    const before = ownDescriptors(sent)
    const { closed } = connect(peer.socket)
    peer.send('too many', 20)
    expect(await closed).toBe(24)
    expect(ownDescriptors(sent)).toEqual(before)
  })

  it('delivers what came before the end, then the end', async () => {
    const peer = await peers.start('script')
    const { channel, next, closed } = connect(peer.socket)
    for (let i = 0; i < 100; i++) peer.send(`last words ${i}`)
    peer.close()
    for (let i = 0; i < 100; i++) expect((await next()).text).toBe(`last words ${i}`)
    expect(await closed).toBe(0)
    expect(() => channel.send('anybody?')).toThrow(
      expect.objectContaining({ code: 'ERR_SUPERVISOR_LOST', errno: 'EPIPE' }),
    )
  })

  it('notices that the peer was killed', async () => {
    const peer = await peers.start('echo')
    const { closed } = connect(peer.socket)
    peer.process.kill('SIGKILL')
    expect(await closed).toBe(0)
  })

  it('calls nobody after it was closed, from within a callback too', async () => {
    const peer = await peers.start('script')
    let packets = 0
    const channel = openChannel(
      peer.socket,
      () => {
        packets += 1
        channel.close()
      },
      () => expect.unreachable('the end was our own'),
    )
    channel.setReferenced(true)
    for (let i = 0; i < 50; i++) peer.send(`${i}`)
    await once(peer.process, 'exit')
    expect(packets).toBe(1)
  })

  it('calls nobody for the lines that are left when it was closed', async () => {
    const peer = await peers.start('echo')
    const heard: string[] = []
    const channel = openChannel(
      peer.socket,
      (text) => {
        heard.push(text)
        channel.close()
      },
      () => expect.unreachable('the end was our own'),
    )
    channel.setReferenced(true)
    channel.send('one\ntwo\nthree')
    await once(peer.process, 'exit')
    expect(heard).toEqual(['one'])
  })

  it('reaches sockets whose path is longer than an address can be', async () => {
    const peer = await peers.start('echo')
    const deep = join(dirname(peer.socket), 'd'.repeat(120))
    await mkdir(deep)
    await symlink(peer.socket, join(deep, 'sock'))
    const { channel, next } = connect(join(deep, 'sock'))
    channel.send('far')
    expect((await next()).text).toBe('far')
    channel.close()
  })

  it('says which error connecting met', () => {
    const attempt = () =>
      openChannel(
        '/nonexistent/socket',
        () => {},
        () => {},
      )
    expect(attempt).toThrow(expect.objectContaining({ errno: 'ENOENT', object: '/nonexistent/socket' }))
    expect(() =>
      openChannel(
        '/dev/null',
        () => {},
        () => {},
      ),
    ).toThrow(EngineError)
  })

  it('refuses more descriptors than a packet has, and those that are not open', async () => {
    const { channel, next } = connect((await peers.start('echo')).socket)
    expect(() => channel.send('17', new Array(17).fill(0))).toThrow(expect.objectContaining({ errno: 'EMSGSIZE' }))
    expect(() => channel.send('closed', [99_999])).toThrow(expect.objectContaining({ errno: 'EBADF' }))
    channel.send('still there')
    expect((await next()).text).toBe('still there')
    channel.close()
  })
})
