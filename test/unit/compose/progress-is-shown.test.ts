// SPDX-License-Identifier: Apache-2.0
import { showProject } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { beginProjectOperation } from '../../../src/compose/progress/project-operation.js'
import type { ProjectProgress, ProjectProgressDraft } from '../../../src/compose/progress/project-progress.js'

const shown = async (events: readonly ProjectProgressDraft[], isTTY = false): Promise<string> => {
  let text = ''
  const operation = beginProjectOperation(async (tell) => events.forEach(tell), undefined)
  await showProject(operation, { isTTY, write: (more) => (text += more) })
  return text
}

const container = { type: 'container', service: 'web', name: 'p-web-1' } as const
const exit = { code: 3, signal: null, oomKilled: false, startedAt: new Date(), finishedAt: new Date() }

test('a line for each thing that happened, with how long it took and why', async () => {
  const text = await shown([
    { type: 'network', name: 'p_default', phase: 'creating' },
    { type: 'network', name: 'p_default', phase: 'created' },
    { ...container, phase: 'recreating', reason: 'its configuration changed' },
    { ...container, phase: 'starting' },
    { ...container, phase: 'started' },
    { ...container, phase: 'exited', exit },
  ])
  expect(text.split('\n')).toEqual([
    expect.stringMatching(/^ Network p_default Created \d+\.\ds$/),
    ' Container p-web-1 Recreating: its configuration changed',
    expect.stringMatching(/^ Container p-web-1 Started \d+\.\ds$/),
    ' Container p-web-1 Exited (3)',
    '',
  ])
})

test('colours are for terminals, and control characters of others for nobody', async () => {
  const events = [
    { ...container, phase: 'started' },
    { type: 'warning', kind: 'orphan', name: 'x', message: 'evil\x1b[2J\rname' },
  ] as const
  expect(await shown(events)).toBe(' Container p-web-1 Started\nwarning: evilname\n')
  expect(await shown(events, true)).toContain('\x1b[32mStarted\x1b[39m')
})

test('an operation that fails ends its loops with that, and no rejection is left over', async () => {
  const operation = beginProjectOperation(async (tell) => {
    tell({ ...container, phase: 'starting' })
    throw new Error('no')
  }, undefined)
  const seen: ProjectProgress[] = []
  await expect(
    (async () => {
      for await (const event of operation) seen.push(event)
    })(),
  ).rejects.toThrow('no')
  expect(seen).toMatchObject([{ phase: 'starting', time: expect.any(Date) }])
})
