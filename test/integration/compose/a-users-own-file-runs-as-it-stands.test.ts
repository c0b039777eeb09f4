// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Project } from 'tscontainer/compose'
import { expect } from 'vitest'
import { bundleProgram } from '../../support/bundle-program.js'
import { classicTar } from '../../support/debian.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { scratchBase, useTestEngine } from '../../support/test-engine.js'
import { importStandIns } from './support/stand-ins.js'

const host = useTestEngine()
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const seed = path('../../fixtures/compose-seed/docker-compose.yml')
const classic = path('../../fixtures/compose-classic')
const slowly = 180_000 * slow

/** What a program says that has such a project, on a host of its own. */
const say = async (
  program: string,
  args: readonly string[] = [],
  timeout = 25_000,
): Promise<Record<string, unknown>> => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-seed-'))
  try {
    await mkdir(join(directory, 'run'), { mode: 0o700 })
    await mkdir(join(directory, 'project/nginx'), { recursive: true })
    await copyFile(seed, join(directory, 'project/docker-compose.yml'))
    await copyFile(join(classic, 'nginx/default.conf'), join(directory, 'project/nginx/default.conf'))
    const bundle = await bundleProgram(path(program), directory)
    const own = ['--mount', '--net', 'sh', path('support/own-host.sh'), directory]
    const { stdout } = await promisify(execFile)('unshare', [...own, process.execPath, bundle, directory, ...args], {
      timeout,
    })
    return JSON.parse(stdout)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

testNeeding('root')('as root: its directories are made, and its ports are open to all, with a warning', async () => {
  const found = await say('support/seed-process.ts')
  expect(found).toMatchObject({
    before: [],
    after: ['/data/web', '/data/mysql', '/data/redis'],
    ports: ['0.0.0.0:3306', '0.0.0.0:6379', '0.0.0.0:80'],
    kept: true,
    left: 0,
  })
  for (const page of found.pages as string[]) expect(page).toMatch(/password root[\s\S]*--appendonly yes/)
  expect(JSON.stringify(found.warnings)).toMatch(/port 80 is open to all/)
})

testNeeding('root', 'TSC_TEST_ALL')(
  'on nginx, PHP, MariaDB and Redis from Debian packages: it serves, and keeps what it has',
  async () => {
    const found = await say('support/seed-on-debian.ts', [classicTar(), classic], slowly)
    const pages = found.pages as readonly { readonly visits: number; readonly rows: number }[]
    expect(pages.map(({ rows }) => rows)).toEqual([1, 2, 3, 4])
    // Redis also counts visits to which the database was not ready.
    const visits = pages.map((page) => page.visits)
    expect(new Set(visits).size).toBe(4)
    expect([...visits].sort((one, other) => one - other)).toEqual(visits)
    expect(found.left).toBe(0)
  },
  slowly,
)

testNeeding('ordinary user', 'subordinate ids')('rootless: port 80 is refused, with its cure', async () => {
  await importStandIns(host.engine, host.directory)
  await mkdir(join(host.directory, 'nginx'))
  await writeFile(join(host.directory, 'nginx/default.conf'), '')
  // Other ports and directories than those that this machine may have in use.
  const text = (await readFile(seed, 'utf8'))
    .replaceAll(/"(3306|6379):\d+"/g, '"$1"')
    .replaceAll(' /data/', ` ${host.directory}/data/`)
  await writeFile(join(host.directory, 'docker-compose.yml'), text)
  const project = await Project.load(join(host.directory, 'docker-compose.yml'), { env: {}, engine: host.engine })
  await expect(project.up()).rejects.toMatchObject({
    code: 'ERR_PORT_PRIVILEGED',
    hint: expect.stringContaining('net.ipv4.ip_unprivileged_port_start'),
  })
  await project.down()
})
