// SPDX-License-Identifier: Apache-2.0
// Long runs that are not part of the tests: `npm run soak -- exec [count]` runs 10,000 commands in one container.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Container, Engine, Image } from '../../src/index.js'
import { soakExecs } from './execs.js'

setFlagsFromString('--expose-gc')
global.gc = runInNewContext('gc') as NonNullable<typeof global.gc>

const [name = 'exec', count = '10000'] = process.argv.slice(2)
if (name !== 'exec') throw new Error(`there is no soak ${name}: exec`)
const directory = await mkdtemp(join(tmpdir(), 'tsc-soak-'))
const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
try {
  const box = await Container.run(await Image.host({ engine }), { engine, idle: true })
  const { seconds, before, after } = await soakExecs(engine, box, Number(count))
  console.log(`${count} commands in ${seconds.toFixed(1)} s, every result right`)
  console.table({ 'after a tenth': before, 'at the end': after })
  await box.remove({ force: true })
} finally {
  await engine.close()
  await rm(directory, { recursive: true, force: true })
}
