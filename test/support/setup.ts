// SPDX-License-Identifier: Apache-2.0
// Set up for every file that drives the real engine: what it leaves behind fails it. Hooks of a set-up file run around the file's own.
// The guard sees the whole machine. TSC_LEAK_GUARD=off is for running a file while other engines come and go.
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { awaitNoLeaks, type Holdings, takeStock } from './leak-guard.js'
import { slow } from './slow.js'

const root = process.env.TSC_TEST_ROOT
let before: Holdings

// Where a run must come to its end: tests that have not begun by then fail instead of holding up the files after theirs.
const seconds = Number(process.env.TSC_TEST_FILE_SECONDS ?? 0)
const began = performance.now()

if (seconds > 0) {
  beforeEach(() => {
    if (performance.now() - began > seconds * 1000) throw new Error(`this file has had its ${seconds} s`)
  })
}

beforeAll(async () => {
  before = await takeStock(root)
})

afterAll(async () => {
  if (process.env.TSC_LEAK_GUARD === 'off') return
  const left = await awaitNoLeaks(before, { timeoutMs: 5000 * slow, root })
  if (left.length > 0) throw new Error(`This file left behind:\n  ${left.join('\n  ')}`)
})
