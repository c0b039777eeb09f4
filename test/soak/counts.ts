// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Container, Engine, Image } from '../../src/index.js'
import { type Soaked, soakExecs } from './execs.js'
import { soakConnects } from './networks.js'

const soaks: Readonly<Record<'exec' | 'network', (engine: Engine, count: number) => Promise<Soaked>>> = {
  exec: async (engine, count) => {
    const box = await Container.run(await Image.host({ engine }), { engine, idle: true })
    const soaked = await soakExecs(engine, box, count)
    await box.remove({ force: true })
    return soaked
  },
  network: soakConnects,
}

/** Does one thing that often and prints what this process and its supervisor held after a tenth, and at the end. */
export const soakCounts = async (name: 'exec' | 'network', count: number): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-soak-'))
  const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
  try {
    const { seconds, before, after } = await soaks[name](engine, count)
    console.log(`${count} times ${name} in ${seconds.toFixed(1)} s, every result right`)
    console.table({ 'after a tenth': before, 'at the end': after })
  } finally {
    await engine.close()
    await rm(directory, { recursive: true, force: true })
  }
}
