// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Container, Engine, Image } from '../src/index.js'
import { UndoStack } from '../src/util/undo-stack.js'
import type { Contender } from './alternate.js'
import { type BenchDisk, openBenchDisk } from './bench-disk.js'
import { limits } from './container-config.js'
import { type FloorOptions, FloorProgram } from './floor-program.js'
import { type LargeImage, makeLargeImage } from './large-image.js'
import { type DockerBuilder, startDockerBuilder } from './peers/docker-builder.js'
import { installedPeers } from './peers/installed-peers.js'
import type { Peer } from './peers/peer.js'

export interface WorkbenchOptions {
  /** Where the floor program lies: build/Release. */
  readonly nativeDirectory: string
  /** Whether other engines are measured too. */
  readonly withPeers: boolean
  /** Where to write; see openBenchDisk. */
  readonly parent?: string | undefined
}

interface Parts {
  readonly runtimeCommand: string
  readonly withPeers: boolean
  readonly disk: BenchDisk
  readonly engine: Engine
  readonly image: Image
  readonly rootfs: string
  readonly floor: Readonly<Record<'plain' | 'all' | 'linked' | 'v1Only', FloorProgram>>
  readonly peers: readonly Peer[]
  readonly missingPeers: readonly string[]
}

/** An engine of the bench's own, the floor, and the other engines: all with the same files, on the same file system. */
export class Workbench {
  readonly engine: Engine
  readonly image: Image
  readonly rootfs: string
  readonly floor: Parts['floor']
  readonly peers: readonly Peer[]
  readonly missingPeers: readonly string[]
  /** Whether other engines are measured too. */
  readonly withPeers: boolean
  readonly disk: BenchDisk
  /** The OCI runtime command that the sources build. */
  readonly runtimeCommand: string
  readonly #undo: UndoStack
  #largeImage: Promise<LargeImage> | undefined
  #dockerBuilder: Promise<DockerBuilder | undefined> | undefined

  private constructor(parts: Parts, undo: UndoStack) {
    this.engine = parts.engine
    this.image = parts.image
    this.rootfs = parts.rootfs
    this.floor = parts.floor
    this.peers = parts.peers
    this.missingPeers = parts.missingPeers
    this.withPeers = parts.withPeers
    this.disk = parts.disk
    this.runtimeCommand = parts.runtimeCommand
    this.#undo = undo
  }

  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const undo = new UndoStack()
    try {
      return new Workbench(await makeParts(options, undo), undo)
    } catch (error) {
      await undo.undo()
      throw error
    }
  }

  /** The two floors as contenders: without and with a network and a user namespace, which our containers have. */
  floors(...words: readonly (string | number)[]): readonly Contender[] {
    return [
      { name: 'floor', run: () => this.floor.plain.ask(...words) },
      { name: 'floor with net and user namespace', run: () => this.floor.all.ask(...words) },
    ]
  }

  /** The floor of those that are on a network. */
  linkedFloor(...words: readonly (string | number)[]): Contender {
    return { name: 'floor with a link to a bridge besides', run: () => this.floor.linked.ask(...words) }
  }

  /** A command of a peer as a contender, `total` times and `atATime`. */
  peer(peer: Peer, argv: readonly string[], total = 1, atATime = 1): Contender {
    const floor = peer.v1Only ? this.floor.v1Only : this.floor.plain
    return { name: peer.name, slow: peer.slow, run: () => floor.ask('run', total, atATime, ...argv) }
  }

  /** A container with limits and without network. */
  container(...command: readonly string[]): Promise<Container> {
    return this.containerOn('none', ...command)
  }

  /** A container with limits. */
  containerOn(network: 'none' | 'bridge', ...command: readonly string[]): Promise<Container> {
    return Container.create(this.image, { engine: this.engine, command, network, ...limits })
  }

  /** An image as large as people have them; made when it is first asked for, which takes a while. */
  largeImage(): Promise<LargeImage> {
    this.#largeImage ??= makeLargeImage(join(this.disk.bulk, 'large'))
    return this.#largeImage
  }

  /** Docker with BuildKit, started when it is first asked for; undefined where it is not installed. */
  dockerBuilder(): Promise<DockerBuilder | undefined> {
    this.#dockerBuilder ??= this.#startDocker()
    return this.#dockerBuilder
  }

  async #startDocker(): Promise<DockerBuilder | undefined> {
    const builder = await startDockerBuilder(this.disk.bulk, this.rootfs, [
      '--add-runtime',
      `tscontainer=${this.runtimeCommand}`,
    ])
    if (builder) this.#undo.push('start dockerd', builder.close)
    return builder
  }

  async close(): Promise<void> {
    await this.#undo.undo()
  }
}

async function makeParts({ nativeDirectory, withPeers, parent }: WorkbenchOptions, undo: UndoStack): Promise<Parts> {
  const disk = await openBenchDisk(parent, undo)
  const { directory } = disk
  const rootfs = await makeRootfs(join(directory, 'rootfs'))
  const engine = await Engine.open({ root: join(directory, 'engine'), runRoot: await makeRunRoot(undo) })
  undo.push('open engine', () => engine.close())
  const image = await Image.fromDirectory(rootfs, { engine, tag: 'bench' })
  const found = withPeers ? await installedPeers(rootfs, join(directory, 'peers')) : { peers: [], missing: [] }
  for (const peer of found.peers) undo.push(peer.name, peer.close)
  const executable = join(nativeDirectory, 'tscontainer-bench-floor')
  const floor = async (options: Pick<FloorOptions, 'namespaces' | 'v1Only'>): Promise<FloorProgram> => {
    const scratch = await mkdtemp(join(directory, 'floor-'))
    const program = new FloorProgram({ executable, lower: rootfs, scratch, ...options })
    undo.push('start floor', () => program.close())
    return program
  }
  return {
    runtimeCommand: join(nativeDirectory, 'tscontainer-runtime'),
    withPeers,
    disk,
    engine,
    image,
    rootfs,
    floor: {
      plain: await floor({ namespaces: 'plain' }),
      all: await floor({ namespaces: 'all' }),
      linked: await floor({ namespaces: 'linked' }),
      v1Only: await floor({ namespaces: 'plain', v1Only: true }),
    },
    peers: found.peers,
    missingPeers: found.missing,
  }
}

// In memory, as those of all engines are that say nothing else.
async function makeRunRoot(undo: UndoStack): Promise<string> {
  const path = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tscontainer-bench-'))
  undo.push('make run directory', () => rm(path, { recursive: true, force: true }))
  return path
}

async function makeRootfs(path: string): Promise<string> {
  const busybox = ['/usr/bin/busybox', '/bin/busybox'].find(existsSync)
  if (!busybox) throw new Error('busybox-static is missing: apt-get install busybox-static')
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp']) await mkdir(join(path, name), { recursive: true })
  await copyFile(busybox, join(path, 'bin/busybox'))
  for (const name of ['true', 'sleep', 'dd', 'sh']) await symlink('busybox', join(path, 'bin', name))
  return path
}
