// SPDX-License-Identifier: Apache-2.0

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine, Image, type LogDriver } from '../../../src/index.js'
import { emptyAndClose, scratchBase } from '../../support/test-engine.js'

/** A driver, and how to find out what it took. */
export interface LogDriverUnderTest {
  readonly driver: LogDriver
  /** `stdout: text` and `stderr: text`, of the container of that name, in order. */
  taken(name: string): Promise<readonly string[]>
}

/** What a driver of logs has to do, whatever it does with them. `make` is given a directory of its own. */
export const logDriverContract = (name: string, make: (directory: string) => LogDriverUnderTest): void => {
  describe(`the log driver ${name}`, () => {
    let directory = ''
    let engine: Engine
    let image: Image
    let under: LogDriverUnderTest
    beforeAll(async () => {
      directory = await mkdtemp(join(scratchBase(), 'tsc-logs-'))
      await mkdir(join(directory, 'run'), { mode: 0o700 })
      under = make(directory)
      engine = await Engine.open({
        root: join(directory, 'root'),
        runRoot: join(directory, 'run'),
        plugins: { logs: { tested: under.driver } },
      })
      image = await Image.host({ engine })
    })
    afterAll(async () => {
      await emptyAndClose(engine, join(directory, 'run'))
      await rm(directory, { recursive: true, force: true })
    })
    const run = (script: string, options: ContainerOptions = {}) =>
      Container.run(image, { engine, command: ['sh', '-c', script], logs: { driver: 'tested' }, ...options })

    test('has every line, in order, when the container is removed', async () => {
      const box = await run('seq 2000; exec >&2; echo bye', { name: 'lines' })
      await box.wait()
      await box.remove()
      const lines = await under.taken('lines')
      expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(
        Array.from({ length: 2000 }, (_, index) => `stdout: ${index + 1}`),
      )
      expect(lines).toContain('stderr: bye')
    })

    test('goes on over a restart', async () => {
      const box = await run('echo once more', { name: 'again' })
      await box.wait()
      await box.start()
      await box.wait()
      await box.remove()
      expect(await under.taken('again')).toEqual(['stdout: once more', 'stdout: once more'])
    })

    test('keeps containers apart', async () => {
      const boxes = await Promise.all(['one', 'two', 'three'].map((text) => run(`echo ${text}`, { name: text })))
      for (const box of boxes) await box.wait()
      for (const box of boxes) await box.remove()
      for (const text of ['one', 'two', 'three']) expect(await under.taken(text)).toEqual([`stdout: ${text}`])
    })

    test('has what a container wrote that is killed', async () => {
      const box = await run('echo before; touch /tmp/said; sleep 60', { name: 'killed' })
      const said = async () => (await box.exec(['test', '-e', '/tmp/said'], { check: false })).exitCode
      await expect.poll(said).toBe(0)
      await box.kill()
      await box.wait()
      await box.remove()
      expect(await under.taken('killed')).toEqual(['stdout: before'])
    })
  })
}
