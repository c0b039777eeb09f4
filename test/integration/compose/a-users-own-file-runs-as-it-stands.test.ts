// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Project } from 'tscontainer/compose'
import { expect } from 'vitest'
import { bundleProgram } from '../../support/bundle-program.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'
import { importStandIns } from './support/stand-ins.js'

const host = useTestEngine()
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const seed = path('../../fixtures/compose-seed/docker-compose.yml')

testNeeding('root')('as root: its directories are made, and its ports are open to all, with a warning', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-seed-'))
  try {
    await mkdir(join(directory, 'run'), { mode: 0o700 })
    await mkdir(join(directory, 'project/nginx'), { recursive: true })
    await copyFile(seed, join(directory, 'project/docker-compose.yml'))
    await writeFile(join(directory, 'project/nginx/default.conf'), '')
    const program = await bundleProgram(path('support/seed-process.ts'), directory)
    const args = [
      '--mount',
      '--net',
      'sh',
      path('support/own-host.sh'),
      directory,
      process.execPath,
      program,
      directory,
    ]
    const { stdout } = await promisify(execFile)('unshare', args, { timeout: 25_000 })
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({
      before: [],
      after: ['/data/web', '/data/mysql', '/data/redis'],
      ports: ['0.0.0.0:3306', '0.0.0.0:6379', '0.0.0.0:80'],
      kept: true,
      left: 0,
    })
    for (const page of found.pages) expect(page).toMatch(/password root[\s\S]*--appendonly yes/)
    expect(JSON.stringify(found.warnings)).toMatch(/port 80 is open to all/)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

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
