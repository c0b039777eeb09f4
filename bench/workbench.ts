// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Container, Engine, Image } from '../src/index.js'
import type { Contender } from './alternate.js'
import { limits } from './container-config.js'
import { FloorProgram } from './floor-program.js'
import { installedPeers } from './peers/installed-peers.js'
import type { Peer } from './peers/peer.js'

export interface WorkbenchOptions {
  /** Where the floor program lies: build/Release. */
  readonly nativeDirectory: string
  /** Whether other engines are measured too. */
  readonly withPeers: boolean
}

/** An engine of the bench's own, the floor, and the other engines: all with the same files, on the same file system. */
export class Workbench {
  readonly engine: Engine
  readonly image: Image
  readonly rootfs: string
  readonly floor: { readonly plain: FloorProgram; readonly all: FloorProgram; readonly v1Only: FloorProgram }
  readonly peers: readonly Peer[]
  readonly missingPeers: readonly string[]
  readonly #directory: string

  private constructor(
    parts: Pick<Workbench, 'engine' | 'image' | 'rootfs' | 'floor' | 'peers' | 'missingPeers'>,
    directory: string,
  ) {
    this.engine = parts.engine
    this.image = parts.image
    this.rootfs = parts.rootfs
    this.floor = parts.floor
    this.peers = parts.peers
    this.missingPeers = parts.missingPeers
    this.#directory = directory
  }

  static async open({ nativeDirectory, withPeers }: WorkbenchOptions): Promise<Workbench> {
    const directory = await mkdtemp('/var/tmp/tscontainer-bench-')
    const rootfs = await makeRootfs(join(directory, 'rootfs'))
    const executable = join(nativeDirectory, 'tscontainer-bench-floor')
    const floor = (name: string, options: { namespaces: 'plain' | 'all'; v1Only?: boolean }) =>
      new FloorProgram({ executable, lower: rootfs, scratch: join(directory, name), ...options })
    for (const name of ['plain', 'all', 'v1']) await mkdir(join(directory, name))
    const { peers, missing } = withPeers
      ? await installedPeers(rootfs, join(directory, 'peers'))
      : { peers: [], missing: [] }
    const engine = await Engine.open({ root: join(directory, 'engine'), runRoot: join(directory, 'run') })
    const image = await Image.fromDirectory(rootfs, { engine, tag: 'bench' })
    const parts = {
      engine,
      image,
      rootfs,
      floor: {
        plain: floor('plain', { namespaces: 'plain' }),
        all: floor('all', { namespaces: 'all' }),
        v1Only: floor('v1', { namespaces: 'plain', v1Only: true }),
      },
      peers,
      missingPeers: missing,
    }
    return new Workbench(parts, directory)
  }

  /** The two floors as contenders: without and with a network and a user namespace, which our containers have. */
  floors(...words: readonly (string | number)[]): readonly Contender[] {
    return [
      { name: 'floor', run: () => this.floor.plain.ask(...words) },
      { name: 'floor with net and user namespace', run: () => this.floor.all.ask(...words) },
    ]
  }

  /** A command of a peer as a contender, `total` times and `atATime`. */
  peer(peer: Peer, argv: readonly string[], total = 1, atATime = 1): Contender {
    const floor = peer.v1Only ? this.floor.v1Only : this.floor.plain
    return { name: peer.name, slow: peer.slow, run: () => floor.ask('run', total, atATime, ...argv) }
  }

  /** A container with limits and without network. */
  container(...command: readonly string[]): Promise<Container> {
    return Container.create(this.image, { engine: this.engine, command, network: 'none', ...limits })
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.floor).map((program) => program.close()))
    for (const peer of this.peers) await peer.close()
    await this.engine.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function makeRootfs(path: string): Promise<string> {
  const busybox = ['/usr/bin/busybox', '/bin/busybox'].find(existsSync)
  if (!busybox) throw new Error('busybox-static is missing: apt-get install busybox-static')
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp']) await mkdir(join(path, name), { recursive: true })
  await copyFile(busybox, join(path, 'bin/busybox'))
  for (const name of ['true', 'sleep', 'dd', 'sh']) await symlink('busybox', join(path, 'bin', name))
  return path
}
