// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'
import { Container, Image, Network, Volume } from 'tscontainer'
import { Project } from 'tscontainer/compose'
import { expect } from 'vitest'
import { classicTar } from '../../support/debian.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf } from './support/test-project.js'

const host = useTestEngine()
const file = fileURLToPath(new URL('../../fixtures/compose-classic/compose.yaml', import.meta.url))
const slowly = 120_000 * slow

const visit = async (project: Project): Promise<unknown> => {
  const { host: port } = await project.port('nginx', 80)
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return JSON.parse(text)
}

testNeeding('TSC_TEST_ALL')(
  'nginx, php-fpm, MariaDB and Redis are built, serve, keep their data, and leave nothing',
  async () => {
    const { engine } = host
    await Image.import(classicTar(), { engine, tag: 'classic-base' })
    const env = { PASSWORD: 'se cret$' }
    const project = await Project.load(file, { engine, env })

    await project.up({ wait: true })
    expect(await visit(project)).toEqual({ visits: 1, rows: 1 })
    expect(await visit(project)).toEqual({ visits: 2, rows: 2 })

    await project.restart()
    await project.wait()
    expect(await visit(project)).toEqual({ visits: 3, rows: 3 })

    // A server that ends is there again, with what it had.
    const redis = (await containersOf(project)).get('classic-redis-1')
    const again = new Promise((resolve) => redis?.on('running', resolve))
    await project.exec('redis', ['redis-cli', 'shutdown'], { check: false })
    await again
    await project.wait()
    expect(await visit(project)).toEqual({ visits: 4, rows: 4 })

    await project.down()
    expect(await Container.list({ engine, all: true })).toEqual([])
    await project.up({ wait: true })
    expect(await visit(project)).toEqual({ visits: 5, rows: 5 })

    await project.down({ volumes: true })
    expect(await Container.list({ engine, all: true })).toEqual([])
    expect(await Volume.list({ engine })).toEqual([])
    expect((await Network.list({ engine })).filter(({ name }) => name.startsWith('classic'))).toEqual([])
  },
  slowly,
)
