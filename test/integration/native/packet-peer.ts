// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const source = join(dirname(fileURLToPath(import.meta.url)), 'packet_peer.cc')

/** The other end of one connection, in a process of its own: packet_peer.cc. */
export interface PacketPeer {
  readonly socket: string
  readonly process: ChildProcessWithoutNullStreams
  /** The next packet it received, as `COUNT TEXT`. */
  received(): Promise<string>
  /** Makes it send a packet with that many descriptors. */
  send(message: object | string, descriptors?: number): void
  /** Makes it end the connection. */
  close(): void
}

/** Builds the peer; `start` runs one more of it, `remove` ends them all. */
export class PacketPeers {
  readonly #directory: string
  readonly #running: ChildProcessWithoutNullStreams[] = []

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async build(): Promise<PacketPeers> {
    const directory = await mkdtemp(join(tmpdir(), 'packet-peer-'))
    await promisify(execFile)('g++', ['-std=gnu++20', '-O1', source, '-o', join(directory, 'peer')])
    return new PacketPeers(directory)
  }

  async start(mode: 'echo' | 'script'): Promise<PacketPeer> {
    const socket = join(this.#directory, `${this.#running.length}.sock`)
    const child = spawn(join(this.#directory, 'peer'), [socket, mode])
    this.#running.push(child)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error('the peer has ended')
      return value
    }
    await next()
    return {
      socket,
      process: child,
      received: next,
      send: (message, descriptors = 0) => {
        child.stdin.write(`${descriptors} ${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
      },
      close: () => {
        child.stdin.write('close\n')
      },
    }
  }

  async remove(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(this.#directory, { recursive: true })
  }
}
