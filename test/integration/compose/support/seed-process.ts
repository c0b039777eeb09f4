// SPDX-License-Identifier: Apache-2.0
// A program of its own, DIRECTORY: brings up the project in there, looks at it, takes it down, and says what it found in a line of JSON.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Project } from '../../../../src/compose.js'
import { Container, Engine } from '../../../../src/index.js'
import { importStandIns } from './stand-ins.js'

const [directory = ''] = process.argv.slice(2)
const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
const sources = () => ['/data/web', '/data/mysql', '/data/redis'].filter((path) => existsSync(path))

const page = async (address: string): Promise<string> => {
  for (let tries = 0; ; tries++) {
    const text = await fetch(`http://${address}/`).then((response) => response.text(), String)
    if (text.includes('password') || tries === 40) return text
    await sleep(50)
  }
}

await importStandIns(engine, directory)
const project = await Project.load(join(directory, 'project/docker-compose.yml'), { env: {}, engine })
const before = sources()
const warnings: unknown[] = []
for await (const event of project.up()) if (event.type === 'warning') warnings.push(event)
const found = {
  before,
  after: sources(),
  pages: [await page('127.0.0.1'), await page('203.0.113.1')],
  ports: (await project.ps()).flatMap(({ ports }) => ports.map(({ address, host }) => `${address}:${host}`)).sort(),
  warnings,
  kept: existsSync('/data/mysql/kept'),
}
await project.down()
console.log(JSON.stringify({ ...found, left: (await Container.list({ engine, all: true })).length }))
await engine.close()
