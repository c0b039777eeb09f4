// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LogsOptions, readLogs } from '../../../src/container/container-logs.js'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsc-log-'))
  path = join(directory, 'log.jsonl')
})
afterEach(() => rm(directory, { recursive: true }))

const line = (text: string, at: number, stream: 'o' | 'e' = 'o') =>
  `${JSON.stringify({ t: `${at}000000`, s: stream, l: text })}\n`
const ended = { ended: () => true, onChange: () => () => {} }
const read = async (options: LogsOptions = {}) => {
  const entries = []
  for await (const entry of readLogs({ path, ...ended }, options)) entries.push(entry)
  return entries
}
const texts = async (options: LogsOptions = {}) => (await read(options)).map((entry) => entry.line)

test('entries have text, bytes, time and stream', async () => {
  await writeFile(path, `${line('häh', 5)}{"t":"6000000","s":"e","b":"/wA=","p":true}\n`)
  const [first, second] = await read()
  expect(first).toMatchObject({ stream: 'stdout', line: 'häh', partial: false, timeNs: 5_000_000n })
  expect(second).toMatchObject({ stream: 'stderr', line: '\ufffd\0', partial: true })
  expect([...(second?.bytes ?? [])]).toEqual([255, 0])
})

test('there is no log, an empty one, one that a crash cut short', async () => {
  expect(await texts()).toEqual([])
  await writeFile(path, '')
  expect(await texts()).toEqual([])
  await writeFile(path, `${line('a', 1)}{"t":"2","s":"o","l":"b`)
  expect(await texts()).toEqual(['a'])
  await writeFile(path, `${line('a', 1)}garbage\n${line('c', 3)}`)
  expect(await texts()).toEqual(['a', 'c'])
})

test('lines longer than what is read at once are whole', async () => {
  const long = 'x'.repeat(200_000)
  await writeFile(path, line(long, 1) + line('y', 2))
  expect(await texts()).toEqual([long, 'y'])
})

test('older files come first', async () => {
  await writeFile(`${path}.2`, line('a', 1))
  await writeFile(`${path}.1`, line('b', 2))
  await writeFile(path, line('c', 3))
  expect(await texts()).toEqual(['a', 'b', 'c'])
})

test('since, tail, and one stream only', async () => {
  await writeFile(path, line('a', 1) + line('b', 2, 'e') + line('c', 3))
  expect(await texts({ tail: 2 })).toEqual(['b', 'c'])
  expect(await texts({ tail: 0 })).toEqual([])
  expect(await texts({ since: new Date(2) })).toEqual(['b', 'c'])
  expect(await texts({ stderr: false })).toEqual(['a', 'c'])
  expect(await texts({ stdout: false, tail: 1 })).toEqual(['b'])
})

test('a cursor goes on where it was, also after a rotation', async () => {
  await writeFile(path, line('a', 1) + line('b', 2))
  const [first] = await read()
  expect(await texts({ since: first?.cursor })).toEqual(['b'])
  await rename(path, `${path}.1`)
  await writeFile(path, line('c', 3))
  expect(await texts({ since: first?.cursor })).toEqual(['b', 'c'])
})

test('following sees what is added, across a rotation, until the end', async () => {
  await writeFile(path, line('a', 1))
  let over = false
  let tell = () => {}
  const source = {
    path,
    ended: () => over,
    onChange: (callback: () => void) => {
      tell = callback
      return () => {}
    },
  }
  const seen: string[] = []
  const reading = (async () => {
    for await (const entry of readLogs(source, { follow: true })) seen.push(entry.line)
  })()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await appendFile(path, line('b', 2))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(seen).toEqual(['a', 'b'])
  await appendFile(path, line('c', 3))
  await rename(path, `${path}.1`)
  await writeFile(path, line('d', 4))
  over = true
  tell()
  await reading
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

test('following ends with the reason of its signal', async () => {
  const controller = new AbortController()
  const source = { path, ended: () => false, onChange: () => () => {} }
  const reading = (async () => {
    for await (const _ of readLogs(source, { follow: true, signal: controller.signal }));
  })()
  setTimeout(() => controller.abort(new Error('enough')), 20)
  await expect(reading).rejects.toThrow('enough')
})
