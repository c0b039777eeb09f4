// SPDX-License-Identifier: Apache-2.0
// Long runs that are not part of the tests:
//   npm run soak -- exec [count]        10,000 commands in one container
//   npm run soak -- network [count]     as many times connected and disconnected
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Container, Engine, Image } from '../../src/index.js'
import { type Soaked, soakExecs } from './execs.js'
import { soakConnects } from './networks.js'

setFlagsFromString('--expose-gc')
global.gc = runInNewContext('gc') as NonNullable<typeof global.gc>

const soaks: Readonly<Record<string, (engine: Engine, count: number) => Promise<Soaked>>> = {
  exec: async (engine, count) => {
    const box = await Container.run(await Image.host({ engine }), { engine, idle: true })
    const soaked = await soakExecs(engine, box, count)
    await box.remove({ force: true })
    return soaked
  },
  network: soakConnects,
}

const [name = 'exec', count = '10000'] = process.argv.slice(2)
const soak = soaks[name]
if (!soak) throw new Error(`there is no soak ${name}: ${Object.keys(soaks).join(', ')}`)
const directory = await mkdtemp(join(tmpdir(), 'tsc-soak-'))
const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
try {
  const { seconds, before, after } = await soak(engine, Number(count))
  console.log(`${count} times ${name} in ${seconds.toFixed(1)} s, every result right`)
  console.table({ 'after a tenth': before, 'at the end': after })
} finally {
  await engine.close()
  await rm(directory, { recursive: true, force: true })
}
