// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container, FileEvent, FileWatch } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

/** The events until the one about that path; times and modes apart. */
const until = async (watch: FileWatch, last: string): Promise<readonly string[]> => {
  const seen: string[] = []
  for await (const event of watch) {
    if (event.type !== 'attributes') seen.push(told(event))
    if (event.path === last && event.type === 'created') break
  }
  return seen
}
const told = (event: FileEvent): string =>
  `${event.type}${'from' in event ? ` ${event.from}` : ''} ${event.path}${event.directory ? '/' : ''}`

test('a directory and all below it', async () => {
  await box.sh('mkdir -p /tmp/w/old; touch /tmp/w/old/file')
  const watch = box.fs.watch('/tmp/w/', { recursive: true })
  await watch.ready()
  await box.sh(
    'cd /tmp/w; echo x > old/new; mv old/new old/moved; mv old older; rm older/file; mkdir -p a/b; touch a/b/c; mv older/moved /tmp/away; touch last',
  )
  const seen = await until(watch, '/tmp/w/last')
  const ours = seen.filter((line) => !line.includes('/tmp/w/a'))
  expect(ours).toEqual([
    'created /tmp/w/old/new',
    'changed /tmp/w/old/new',
    'moved /tmp/w/old/new /tmp/w/old/moved',
    'moved /tmp/w/old /tmp/w/older/',
    'deleted /tmp/w/older/file',
    'deleted /tmp/w/older/moved',
    'created /tmp/w/last',
  ])
  // Each once, however fast the directories came.
  expect(seen.filter((line) => line.includes('/tmp/w/a')).sort()).toEqual([
    'created /tmp/w/a/',
    'created /tmp/w/a/b/',
    'created /tmp/w/a/b/c',
  ])
})

test('calls from outside are told of as well; one directory alone is one directory', async () => {
  await box.fs.mkdir('/tmp/flat/sub', { recursive: true })
  const watch = box.fs.watch('/tmp/flat')
  await watch.ready()
  await box.fs.writeFile('/tmp/flat/sub/unseen', 'x')
  await box.fs.writeFile('/tmp/flat/seen', 'x')
  await box.fs.writeFile('/tmp/flat/last', '')
  expect(await until(watch, '/tmp/flat/last')).toEqual([
    'created /tmp/flat/seen',
    'changed /tmp/flat/seen',
    'created /tmp/flat/last',
  ])
})

test('a file, until it is deleted', async () => {
  await box.fs.writeFile('/tmp/one', 'x')
  const watch = box.fs.watch('/tmp/one')
  await watch.ready()
  await box.sh('echo more >> /tmp/one; rm /tmp/one')
  const seen: string[] = []
  for await (const event of watch) seen.push(event.type)
  expect(seen.filter((type) => type !== 'attributes')).toEqual(['changed', 'deleted'])
})

test.each(['stop', 'remove'] as const)('it ends when the container does: %s', async (how) => {
  const other = await host.idle()
  const watch = other.fs.watch('/', { recursive: false })
  await watch.ready()
  await other.fs.writeFile('/seen', '')
  const seen: string[] = []
  const all = (async () => {
    for await (const event of watch) {
      seen.push(told(event))
      if (event.path === '/seen' && event.type === 'created')
        await (how === 'stop' ? other.stop({ timeoutMs: 0 }) : other.remove({ force: true }))
    }
  })()
  await all
  expect(seen).toContain('created /seen')
  await other.remove({ force: true })
})

test('an abort is the iteration’s error; closing ends it; what is not there cannot be watched', async () => {
  const abort = new AbortController()
  const watch = box.fs.watch('/tmp', { signal: abort.signal })
  await watch.ready()
  const iterating = (async () => {
    for await (const _ of watch);
  })()
  abort.abort(new Error('enough'))
  await expect(iterating).rejects.toThrow('enough')
  const closed = box.fs.watch('/tmp')
  await closed.ready()
  await closed.close()
  for await (const _ of closed) throw new Error('nothing is told any more')
  const missing = box.fs.watch('/none')
  await expect(missing.ready()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND', errno: 'ENOENT', object: '/none' })
})
