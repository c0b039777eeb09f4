// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunContext, type RunStep, runStep } from '../../../src/build/steps/run-step.js'
import type { HelloResult } from '../../../src/native/messages.js'
import type { Digest } from '../../../src/oci/digest.js'
import { machineFacts } from '../../../src/runtime/host-facts.js'
import { type ImageStore, openImageStore } from '../image/image-store.js'
import { layerOf, listLayer } from './build-files.js'

let store: ImageStore
let context: RunContext
let base: Digest

beforeAll(async () => {
  store = await openImageStore()
  base = await layerOf(store, {
    'bin/busybox': { content: await readFile('/bin/busybox'), mode: 0o755 },
    'bin/sh': { link: 'busybox' },
    'etc/passwd': 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n',
    'data/gone': 'gone',
    'data/kept': 'kept',
    'tmp/': { content: '', mode: 0o777 },
    'var/cache': { link: '/data' },
  })
  const hello = (await store.host()) as HelloResult
  const { controllers, reasons } = hello.cgroup
  context = { ...store, facts: { ...hello, ...(await machineFacts()), controllers, reasons } }
})
afterAll(() => store.dispose())

const shell = (script: string, more: Partial<RunStep> = {}, signal?: AbortSignal) =>
  runStep(context, { layers: [base], command: ['/bin/sh', '-ec', script], ...more }, signal)

test('what a command changes is a layer, and only that', async () => {
  const script =
    'cd /data; /bin/busybox rm gone; echo new > new; /bin/busybox chown 1000:1001 new; /bin/busybox mkdir -p a/b'
  const layer = await shell(script)
  expect(await listLayer(store, layer!.diffId)).toEqual([
    'drwxr-xr-x 0/0 data/',
    'drwxr-xr-x 0/0 data/a/',
    'drwxr-xr-x 0/0 data/a/b/',
    '---------- 0/0 data/.wh.gone',
    '-rw-r--r-- 1000/1001 data/new',
  ])
  expect(
    await shell('[ ! -e /data/gone ] && [ -d /data/a/b ] && read line < /data/new', { layers: [base, layer!.diffId] }),
  ).toBeNull()
})

test('its output comes as it is written, and its environment is what was given', async () => {
  const output: string[] = []
  const take = (stream: string, chunk: Uint8Array) => void output.push(`${stream} ${Buffer.from(chunk)}`)
  process.env.TSC_SECRET_OF_THE_HOST = 'secret'
  const script = 'echo "$A,$TSC_SECRET_OF_THE_HOST"; echo bad >&2; /bin/busybox id -u; pwd'
  expect(await shell(script, { env: { A: 'b' }, user: 'app', workdir: '/data', output: take })).toBeNull()
  delete process.env.TSC_SECRET_OF_THE_HOST
  expect(output.filter((line) => line.startsWith('stderr')).join('')).toBe('stderr bad\n')
  expect(
    output
      .filter((line) => line.startsWith('stdout'))
      .join('')
      .replaceAll('stdout ', ''),
  ).toBe('b,\n1000\n/data\n')
})

test('one that fails leaves nothing but its error', async () => {
  const before = await store.contents()
  await expect(shell('echo x > /data/x; exit 3')).rejects.toMatchObject({
    code: 'ERR_EXEC_FAILED',
    result: { exitCode: 3 },
  })
  await expect(runStep(context, { layers: [base], command: ['/missing'] })).rejects.toMatchObject({
    code: 'ERR_EXEC_SPAWN',
  })
  const abort = new AbortController()
  setTimeout(() => abort.abort(new Error('enough')), 300)
  await expect(shell('/bin/busybox sleep 60', {}, abort.signal)).rejects.toThrow('enough')
  expect(await store.contents()).toEqual(before)
})

test('what is mounted leaves nothing in the layer, also where links lead to the place', async () => {
  const stage = await layerOf(store, { 'from/stage': 'hello\n' })
  const script =
    'read line < /mnt/in/from/stage; echo "$line" > /data/seen; echo x > /var/cache/deep/er/x; ! echo x > /mnt/in/x'
  const layer = await shell(script, {
    mounts: [
      { type: 'layers', target: '/mnt/in', layers: [stage] },
      { type: 'tmpfs', target: '/var/cache/deep/er' },
    ],
  })
  expect(await listLayer(store, layer!.diffId)).toEqual(['drwxr-xr-x 0/0 data/', '-rw-r--r-- 0/0 data/seen'])
})

test('what it left running ends with it', async () => {
  const layer = await shell('/bin/busybox sleep 1000 & echo done > /data/done')
  expect(await listLayer(store, layer!.diffId)).toContain('-rw-r--r-- 0/0 data/done')
})

test('a cache is found again, and is no part of a layer', async () => {
  const cache = (sharing: 'shared' | 'private' | 'locked') =>
    ({ mounts: [{ type: 'cache', target: '/c', id: 'one', sharing }] }) as const
  const count = 'read n < /c/count || n=0; echo $((n + 1)) > /c/count'
  expect(await shell(`: > /c/count; ${count}`, cache('shared'))).toBeNull()
  for (const sharing of ['shared', 'locked', 'private'] as const) expect(await shell(count, cache(sharing))).toBeNull()
  const layer = await shell('/bin/busybox cp /c/count /data/count', cache('locked'))
  expect(await readFile(join(store.store.paths.layer(layer!.diffId), 'fs/data/count'), 'utf8')).toBe('4\n')
})

test('those who lock a cache wait for each other, those who want their own do not', async () => {
  const use = 'test ! -e /c/busy; : > /c/busy; /bin/busybox sleep 0.2; /bin/busybox rm /c/busy'
  for (const sharing of ['locked', 'private'] as const) {
    const mounts = [{ type: 'cache', target: '/c', id: `two-${sharing}`, sharing }] as const
    const script = use.replace('test', '/bin/busybox test')
    expect(await Promise.all([shell(script, { mounts }), shell(script, { mounts })])).toEqual([null, null])
  }
})

test('secrets are files of root in memory or variables, and leave nothing', async () => {
  const content = Buffer.from('hidden treasure')
  const mounts = [
    { type: 'secret', content, target: '/run/secrets/key' },
    { type: 'secret', content, env: 'KEY' },
  ] as const
  const script =
    '[ "$KEY" = "hidden treasure" ]; [ "$(/bin/busybox cat /run/secrets/key)" = "$KEY" ]; /bin/busybox stat -c "%a %u" /run/secrets/key'
  const seen: Uint8Array[] = []
  expect(await shell(script, { mounts, output: (_, chunk) => void seen.push(chunk) })).toBeNull()
  expect(Buffer.concat(seen).toString()).toBe('400 0\n')
  const elsewhere = shell('true', { mounts: [{ type: 'secret', content, target: '/etc/key' }] })
  await expect(elsewhere).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})
