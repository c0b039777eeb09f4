// SPDX-License-Identifier: Apache-2.0
// A program of its own, DIRECTORY TAR CLASSIC: builds the images that the project in DIRECTORY names by those of CLASSIC over the Debian in TAR, brings
// it up, visits it before and after a restart and a down, and says what it was told in a line of JSON.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Project } from '../../../../src/compose.js'
import { Container, Engine, Image } from '../../../../src/index.js'

const [directory = '', tar = '', classic = ''] = process.argv.slice(2)
const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })

// The file has no healthchecks: whoever visits waits.
const visit = async (): Promise<unknown> => {
  for (let tries = 0; ; tries++) {
    const response = await fetch('http://203.0.113.1/').catch(String)
    if (typeof response !== 'string' && response.ok) return await response.json()
    if (tries === 300) throw new Error(typeof response === 'string' ? response : await response.text())
    await sleep(100)
  }
}

await Image.import(tar, { engine, tag: 'classic-base' })
await (await Project.load(join(classic, 'compose.yaml'), { env: { PASSWORD: 'root' }, engine })).build()
const project = await Project.load(join(directory, 'project/docker-compose.yml'), { env: {}, engine })
const pages: unknown[] = []
await project.up()
await copyFile(join(classic, 'php/index.php'), '/data/web/index.php')
pages.push(await visit(), await visit())
await project.restart()
pages.push(await visit())
await project.down()
await project.up()
pages.push(await visit())
await project.down()
console.log(JSON.stringify({ pages, left: (await Container.list({ engine, all: true })).length }))
for (const image of await Image.list({ engine })) await image.remove({ force: true })
await Image.prune({ engine, builds: true })
await engine.close()
