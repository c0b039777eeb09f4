// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import type { TmuxWindow } from '../../support/tmux.js'
import { openBridged, restored } from './bridged-terminal.js'

const host = useTestEngine()
let window: TmuxWindow | undefined
afterEach(async () => {
  await window?.close()
  window = undefined
})

const shellInside = async (name: string): Promise<TmuxWindow> => {
  window = await openBridged(
    host,
    name,
    `const box = await make({ idle: true })
     const shell = await box.exec(['sh', '-i'], { ...bridged, env: { PS1: 'inside> ' }, check: false })
     console.log('ended with', shell.exitCode)
     await box.remove({ force: true })`,
    { columns: 90, rows: 12 },
  )
  await window.until(/inside>$/m)
  return window
}

const livesOn = async (terminal: TmuxWindow): Promise<void> => {
  await terminal.until(/^inside>$/m)
  await terminal.type('clear; kill -0 $! && echo "the background lives on"; exit 3')
  await terminal.until(/^the background lives on$/m)
  await terminal.until(/ended with 3/)
  await restored(terminal)
}

test('top fills its terminal, grows with it, and Ctrl-C ends it alone', async () => {
  const terminal = await shellInside('top')
  await terminal.type(
    'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 1005 & done 2>/dev/null; clear; top -d 0.5',
  )
  const sleeps = async () => (await terminal.screen()).match(/ sleep$/gm)?.length ?? 0
  await terminal.until(/^top - [\s\S]*PID USER[\s\S]* sleep$/m)
  expect(await sleeps()).toBeLessThan(8)
  await terminal.resize(100, 40)
  await expect.poll(sleeps).toBe(16)
  await terminal.press('C-c')
  await livesOn(terminal)
})

const vim = async (): Promise<string> => {
  const names = ['vim.basic', 'vim.tiny', 'vim.nox']
  const there = await Promise.allSettled(names.map(async (name) => access(`/usr/bin/${name}`).then(() => name)))
  const found = there.find((result) => result.status === 'fulfilled')
  if (!found) throw new Error('there is no vim: apt-get install vim-tiny')
  return found.value
}

test('vim fills its terminal, grows with it, and keeps Ctrl-C for itself', async () => {
  const terminal = await shellInside('vim')
  await terminal.type(`sleep 1006 & clear; ${await vim()} -u NONE /tmp/text`)
  await terminal.until(/^\n(~\n){10}/)
  await terminal.resize(60, 30)
  await terminal.until(/^\n(~\n){28}/)
  await terminal.press('i', 'h', 'i')
  await terminal.until(/^hi$/m)
  // The first leaves insertion, the second is answered; one that comes while vim is busy with the one before is forgotten.
  const answer = async () => {
    await terminal.press('C-c')
    return await terminal.screen()
  }
  await expect.poll(answer, { interval: 500 }).toMatch(/^Type {2}:qa/m)
  await terminal.press('x', 'a', 'e', 'y', 'Escape', ':', 'w', 'q', 'Enter')
  await terminal.until(/^inside>$/m)
  await terminal.type('clear; cat /tmp/text')
  await terminal.until(/^hey$/m)
  await livesOn(terminal)
})
