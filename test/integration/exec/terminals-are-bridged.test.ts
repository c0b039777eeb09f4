// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import type { TmuxWindow } from '../../support/tmux.js'
import { openBridged, restored } from './bridged-terminal.js'

const host = useTestEngine()
let window: TmuxWindow | undefined
afterEach(async () => {
  await window?.close()
  window = undefined
})

const open = async (name: string, body: string): Promise<TmuxWindow> => {
  window = await openBridged(host, name, body)
  return window
}

test('a shell has its size, follows it, and Ctrl-C reaches the foreground only', async () => {
  const terminal = await open(
    'shell',
    `const box = await make({ idle: true })
     const shell = await box.exec(['sh', '-i'], { ...bridged, env: { PS1: 'inside> ' }, check: false })
     console.log('ended with', shell.exitCode)
     await box.remove({ force: true })`,
  )
  await terminal.until(/inside>$/m)
  await terminal.type('stty size')
  await terminal.until(/^25 90$/m)
  await terminal.type('trap "echo SIG""WINCH" WINCH')
  await terminal.resize(100, 30)
  // What is typed may overtake the size.
  const asked = async () => {
    await terminal.type('stty size')
    return await terminal.history()
  }
  await expect.poll(asked, { timeout: 20_000 * slow, interval: 200 }).toMatch(/^SIGWINCH$[\s\S]*^30 100$/m)
  await terminal.type('sleep 1001 & sleep 1002; echo "status $?"')
  await expect.poll(async () => await terminal.screen()).toMatch(/sleep 1002; echo/)
  await terminal.press('C-c')
  await terminal.until(/^inside>$/m)
  await terminal.type('kill -0 $! && echo "background lives on"')
  await terminal.until(/^background lives on$/m)
  await terminal.type('exit 3')
  await terminal.until(/ended with 3/)
  await restored(terminal)
})

test('an editor draws, follows the size, and writes what was typed', async () => {
  const terminal = await open(
    'editor',
    `const box = await make({ idle: true })
     await box.exec(['busybox', 'vi', '/tmp/text'], bridged)
     console.log('text:', (await box.exec(['cat', '/tmp/text'])).stdout)
     await box.remove({ force: true })`,
  )
  await terminal.until(/^~[\s\S]*\/tmp\/text/m)
  await terminal.press('i', 'h', 'e', 'l', 'l', 'o', 'Escape')
  await terminal.until(/^hello/m)
  await terminal.resize(60, 12)
  // Its last line of status is where the screen ends now.
  await expect.poll(async () => (await terminal.screen()).trimEnd().split('\n').length).toBeLessThanOrEqual(12)
  await terminal.press(':', 'w', 'q', 'Enter')
  await terminal.until(/text: hello/)
  await restored(terminal)
})

test('the keys that detach leave the command running, and it is found again', async () => {
  const terminal = await open(
    'detaches',
    `const box = await make({ idle: true })
     const run = box.exec(['sh', '-c', 'while :; do echo tick; sleep 0.05; done'], bridged)
     const error: unknown = await run.catch((reason: unknown) => reason)
     if (!EngineError.is(error, 'ERR_EXEC_DETACHED')) throw error
     const found = await box.getExec(run.id)
     console.log('left', found.running, error.object === run.id)
     await found.kill('SIGKILL')
     console.log('killed by', (await found.wait()).signal)
     await box.remove({ force: true })`,
  )
  await terminal.until(/tick/)
  await terminal.press('C-p', 'C-q')
  await terminal.until(/left true true[\s\S]*killed by SIGKILL/)
  await restored(terminal)
})

test('a command that is killed, and a container that is removed, give the terminal back', async () => {
  const terminal = await open(
    'crashes',
    `const box = await make({ idle: true })
     const killed = await box.exec(['sh', '-c', 'echo begun; kill -9 $$'], { ...bridged, check: false })
     console.log(killed.signal)
     const run = box.exec(['sh', '-c', 'echo waiting; read line'], { ...bridged, check: false })
     await run.spawned()
     await box.remove({ force: true })
     console.log('then', (await run).signal)`,
  )
  await terminal.until(/SIGKILL[\s\S]*then SIGKILL/)
  await restored(terminal)
})

test.each([
  ['a command', `await (await make({ idle: true })).exec(script, bridged)`],
  [
    'the main process of a detached container',
    `const box = await make({ detached: true, tty: true, stdin: 'pipe', command: script })
     await box.attach({ stdin: 'inherit', stdout: 'inherit' }).ended()`,
  ],
])('a process that is killed while it bridges %s leaves the terminal as it was', async (name, body) => {
  const script = `const script = ['sh', '-c', 'trap "" HUP; while :; do echo tick; sleep 0.05; done']`
  const terminal = await open(`killed-${name.length}`, `${script}; console.log('pid', process.pid, 'here'); ${body}`)
  const pid = Number(/pid (\d+) here/.exec(await terminal.until(/pid \d+ here[\s\S]*tick/))?.[1])
  process.kill(pid, 'SIGKILL')
  await restored(terminal, 137)
  for (const box of await Container.list({ engine: host.engine, all: true })) await box.remove({ force: true })
})

test('the main process of a container is attached to, detached from, and attached to again', async () => {
  const terminal = await open(
    'attaches',
    `const image = await Image.host({ engine })
     const env = { PS1: 'main> ' }
     const box = await Container.create(image, { engine, tty: true, stdin: 'pipe', command: ['sh', '-i'], env })
     const first = box.attach({ stdin: 'inherit', stdout: 'inherit', detachKeys: 'ctrl-a,d' })
     await box.start()
     console.log(await first.ended(), box.state)
     const second = box.attach({ stdin: 'inherit', stdout: 'inherit' })
     console.log(await second.ended(), (await box.wait()).code)
     await box.remove()`,
  )
  await terminal.until(/main>$/m)
  await terminal.type('stty size')
  await terminal.until(/^25 90$/m)
  await terminal.press('C-a', 'd')
  await terminal.until(/detached running/)
  await terminal.type('echo again; exit 6')
  await terminal.until(/exited 6/)
  await restored(terminal)
})
