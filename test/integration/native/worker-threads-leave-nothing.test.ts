// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { supervisorExecutable } from '../../../src/native/addon.js'
import { ownDescriptors } from './own-descriptors.js'
import { PacketPeers } from './packet-peer.js'

// Written for a plain worker: what the addon itself does at the end of an environment is looked at, without our TypeScript.
const program = `
  const { workerData, parentPort } = require('node:worker_threads')
  const module_ = { exports: {} }
  process.dlopen(module_, workerData.addon)
  const { Channel, pipe, openDirectory } = module_.exports
  pipe()
  openDirectory('/')
  let count = 0
  const channel = new Channel(workerData.socket, (text, fds) => {
    if (++count === 10) parentPort.postMessage('busy')
    channel.send(text, fds)
  }, () => {})
  channel.setReferenced(true)
  channel.send('round and round', [0])
`
const addonFile = join(dirname(supervisorExecutable()), 'tscontainer.node')

let peers: PacketPeers
beforeAll(async () => {
  peers = await PacketPeers.build()
})
afterAll(() => peers.remove())

describe('the end of an environment', () => {
  it('closes connection and descriptors of a worker that is terminated in the middle', async () => {
    const before = ownDescriptors(/./).length
    for (let i = 0; i < 5; i++) {
      const peer = await peers.start('echo')
      const worker = new Worker(program, { eval: true, workerData: { addon: addonFile, socket: peer.socket } })
      await once(worker, 'message')
      await worker.terminate()
      if (peer.process.exitCode === null) await once(peer.process, 'exit')
      expect(peer.process.exitCode).toBe(0)
    }
    // Node closes what belonged to the threads and to the peers a moment later.
    await expect.poll(() => ownDescriptors(/./).length).toBe(before)
  })

  it('comes by itself when nothing is awaited, although the connection is open', async () => {
    const peer = await peers.start('echo')
    const script = `
      const module_ = { exports: {} }
      process.dlopen(module_, ${JSON.stringify(addonFile)})
      globalThis.channel = new module_.exports.Channel(${JSON.stringify(peer.socket)}, () => {}, () => {})
      channel.send('hello')`
    await promisify(execFile)(process.execPath, ['-e', script])
    if (peer.process.exitCode === null) await once(peer.process, 'exit')
  })
})
