// SPDX-License-Identifier: Apache-2.0
// How do I keep volumes somewhere else? `npx tsx examples/volume-driver.ts`
// This driver keeps them in a directory of its own; another one would fetch them from an object store, or mount them.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Container, type DriverVolume, Engine, Image, Volume, type VolumeDriver } from 'tscontainer'

export class DirectoryDriver implements VolumeDriver {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  // Called again where the process was killed in the middle: so it does not mind what is there already.
  async create({ name }: DriverVolume): Promise<void> {
    await mkdir(join(this.#directory, name), { recursive: true })
  }

  async mount({ name }: DriverVolume): Promise<string> {
    return join(this.#directory, name)
  }

  unmount(): void {}

  async remove({ name }: DriverVolume): Promise<void> {
    await rm(join(this.#directory, name), { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const directory = await mkdtemp(join(tmpdir(), 'volumes-'))
  const engine = await Engine.open({ plugins: { volumes: { directory: new DirectoryDriver(directory) } } })
  const volume = await Volume.create({ engine, name: 'mine', driver: 'directory' })
  try {
    const mounts = [{ type: 'volume', source: 'mine', target: '/data' }] as const
    await Container.runOnce(await Image.host({ engine }), ['touch', '/data/made-inside'], { engine, mounts })
    console.log(await readdir(join(directory, 'mine')))
  } finally {
    await volume.remove()
    console.log(await readdir(directory))
    await engine.close()
    await rm(directory, { recursive: true })
  }
}
