// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, test } from 'vitest'
import { Container, EngineError, Image } from '../../../src/index.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { writeProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let canary: string
beforeAll(async () => {
  canary = join(host.directory, 'canary')
  await writeFile(canary, 'of the host')
})

// CVE-2024-21626: a descriptor of the host's that is still open when the working directory is entered.
test('a working directory that is a descriptor leads nowhere, of a container, an image and a command', async () => {
  const numbers = Array.from({ length: 24 }, (_, index) => index + 3)
  const look = `cat ../../../../../../../../../..${canary} .${canary} 2>/dev/null; pwd -P >/dev/null && echo end`
  const harmless = async (run: () => PromiseLike<string>) => {
    try {
      expect((await run()).replace('end\n', '')).toBe('')
    } catch (error) {
      if (!EngineError.is(error)) throw error
    }
  }
  const box = await host.idle()
  await box.sh('for n in $(seq 3 26); do ln -s /proc/self/fd/$n /tmp/link$n; done')
  for (const number of numbers) {
    for (const cwd of [`/proc/self/fd/${number}`, `/tmp/link${number}`, `/proc/thread-self/fd/${number}/.`])
      await harmless(async () => (await box.sh(look, { cwd, check: false })).stdout)
    await harmless(async () => {
      const made = await host.run({ workdir: `/proc/self/fd/${number}`, command: ['sh', '-c', look] })
      await made.wait()
      const lines = []
      for await (const { line } of made.logs()) lines.push(line)
      await made.remove({ force: true })
      return lines.map((line) => `${line}\n`).join('')
    })
  }
  await box.remove({ force: true })
  const entries: readonly LayerEntry[] = [
    { path: 'opt/', type: 'directory', mode: 0o755 },
    { path: 'opt/busybox', mode: 0o755 },
    { path: 'w', type: 'symlink', target: '/proc/self/fd/7' },
  ]
  for (const [index, workingDir] of ['/proc/self/fd/7', '/w', '../../../proc/self/fd/8'].entries()) {
    const config = {
      Cmd: ['/opt/busybox', 'sh', '-c', look.replaceAll('cat ', '/opt/busybox cat ')],
      WorkingDir: workingDir,
    }
    const name = `example.com/workdir:${index}`
    const image = await Image.load(await writeLayout(join(host.directory, `w${index}`), [entries], { config, name }), {
      engine: host.engine,
    })
    const mounts = [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }] as const
    await harmless(async () => {
      const result = await Container.runOnce(image, config.Cmd, { engine: host.engine, mounts }).catch(
        (error: unknown) => {
          if (EngineError.is(error, 'ERR_EXEC_FAILED')) return error.result
          throw error
        },
      )
      return String(result.stdout)
    })
  }
})

test('what the caller has open, inherited and not, is not open inside', async () => {
  const directory = join(host.directory, 'open')
  await mkdir(directory)
  const args = await writeProgram(
    host.directory,
    'leaky',
    `import { readdir, readlink } from 'node:fs/promises'
    import { openSync } from 'node:fs'
    import { Engine, Image, Container } from 'tscontainer'
    for (let n = 0; n < 5; n++) openSync(${JSON.stringify(directory)}, 'r')
    const engine = await Engine.open({ root: ${JSON.stringify(join(host.directory, 'leaky-root'))}, runRoot: ${JSON.stringify(join(host.directory, 'leaky-run'))} })
    const image = await Image.host({ engine })
    const look = ['sh', '-c', 'for f in /proc/$$/fd/*; do readlink $f; done; true']
    for (const init of [true, false]) {
      const box = await Container.create(image, { engine, init, command: look })
      await box.start()
      await box.wait()
      for await (const { line } of box.logs()) console.log('main', line)
      await box.remove()
    }
    const box = await Container.run(image, { engine, idle: true })
    console.log((await box.exec(look)).stdout.replaceAll(/^/gm, 'exec '))
    if (process.getuid() === 0)
      for (const fd of await readdir(\`/proc/\${box.pid}/fd\`)) console.log('init', await readlink(\`/proc/\${box.pid}/fd/\${fd}\`).catch(() => ''))
    await box.remove({ force: true })
    await image.remove({ force: true })
    await engine.close()`,
  )
  const handle = await open(directory)
  const stdio = ['ignore', 'pipe', 'inherit', ...Array.from({ length: 5 }, () => handle.fd)] as const
  const child = spawn(process.execPath, args, { stdio: [...stdio] })
  if (!child.stdout) throw new Error('no pipe')
  const output = await text(child.stdout)
  await handle.close()
  expect(output.match(/^main /gm)?.length).toBeGreaterThanOrEqual(6)
  const beyond = output.split('\n').filter((line) => /^\w+ \//.test(line) && !/ \/dev\/null$/.test(line))
  expect(beyond).toEqual([])
  expect(output).not.toContain(host.directory)
})
