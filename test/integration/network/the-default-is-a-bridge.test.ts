// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { writeProgram } from '../../support/program.js'
import { scratchBase, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const run = promisify(execFile)

// Says how containers fare that name no network, or one, and what the engine warns of.
const program = `
import { Container, Engine, Image } from 'tscontainer'
const engine = await Engine.open({ root: process.cwd() + '/lacking/root', runRoot: process.cwd() + '/lacking/run' })
const image = await Image.host({ engine })
const warnings = []
engine.on('warning', ({ code, message }) => warnings.push({ code, message }))
const links = async (options) => {
  try {
    const box = await Container.run(image, { engine, idle: true, ...options })
    const { stdout } = await box.exec(['ls', '/sys/class/net'])
    await box.remove({ force: true })
    return stdout.trim().split('\\n')
  } catch ({ code }) {
    return code
  }
}
const found = { implicit: await links({}), again: await links({}), asked: await links({ network: 'bridge' }), ports: await links({ ports: [80] }), none: await links({ network: 'none' }) }
console.log(JSON.stringify({ ...found, warnings }))
await engine.close()
`

describe('a container that names no network', () => {
  test('is on the one of all, with others that name none', async () => {
    const one = await host.idle({ name: 'one' })
    const other = await host.idle({ name: 'other' })
    expect((await one.inspect()).networks.map(({ name }) => name)).toEqual(['bridge'])
    expect((await other.exec(['getent', 'hosts', 'one'])).stdout).toMatch(/ one$/m)
    for (const box of [one, other]) await box.remove({ force: true })
  })

  testNeeding('root')(
    'has loopback only where the host has no networks, which is said once; to ask is an error',
    async () => {
      const directory = await mkdtemp(join(scratchBase(), 'tsc-lacking-'))
      try {
        const args = [process.execPath, ...(await writeProgram(directory, 'lacking', program))]
        const { stdout } = await run('setpriv', ['--bounding-set=-net_admin', ...args], { cwd: directory })
        expect(JSON.parse(stdout)).toEqual({
          implicit: ['lo'],
          again: ['lo'],
          asked: 'ERR_UNSUPPORTED',
          ports: 'ERR_UNSUPPORTED',
          none: ['lo'],
          warnings: [{ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('loopback only') }],
        })
        await expect.poll(() => rm(join(directory, 'lacking'), { recursive: true, force: true })).toBeUndefined()
      } finally {
        await chmod(directory, 0o700)
        await rm(directory, { recursive: true, force: true })
      }
    },
  )

  test('and outlives this program is on it as well', async () => {
    const box = await host.idle({ detached: true })
    expect((await box.exec(['ls', '/sys/class/net'])).stdout).toBe('eth0\nlo\n')
    await box.remove({ force: true })
  })
})
