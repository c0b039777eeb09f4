// SPDX-License-Identifier: Apache-2.0
// security.md, Build: a crafted image poisoning the cache (CVE-2024-24557), results of other arguments, names and bases.
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { makeRootfs, makeTar } from '../../integration/image/rootfs.js'
import { box, useBuildEngine } from '../../support/build-engine.js'

const { host, build, told, say } = useBuildEngine()
let evilTar: string

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'evil'))
  await writeFile(join(rootfs, 'etc/greeting'), 'evil')
  evilTar = await makeTar(rootfs, join(host.directory, 'evil.tar'))
})

test('another argument, where the command can see it, is another step', async () => {
  const text = `FROM base:1\nARG WHO=nobody\nRUN echo "$WHO" > /who\n`
  const seen = async (args?: Record<string, string>) => await say(await build(text, { args }), `${box} cat /who`)
  expect(await seen()).toBe('nobody\n')
  expect(await seen({ WHO: 'me' })).toBe('me\n')
  expect(await seen({ WHO: 'you' })).toBe('you\n')
  expect(await seen({ WHO: 'me' })).toBe('me\n')
})

test('what looks alike when it is written in one line is not alike', async () => {
  const seen = async (text: string, args: Record<string, string> = {}) =>
    await say(await build(`FROM base:1\n${text}`, { args }), `${box} cat /out`)
  const print = 'RUN ["/bin/busybox", "sh", "-c", "echo \\"[$A][$B]\\" > /out"]'
  expect(await seen(`ARG A\nARG B\n${print}\n`, { A: 'x B=y' })).toBe('[x B=y][]\n')
  expect(await seen(`ARG A\nARG B\n${print}\n`, { A: 'x', B: 'y' })).toBe('[x][y]\n')
  expect(await seen(`ENV A="x B=y"\n${print}\n`)).toBe('[x B=y][]\n')
  expect(await seen(`ENV A=x B=y\n${print}\n`)).toBe('[x][y]\n')
  expect(await seen('RUN ["/bin/busybox", "sh", "-c", "echo $0 > /out", "a b"]\n')).toBe('a b\n')
  expect(await seen('RUN ["/bin/busybox", "sh", "-c", "echo $0 > /out", "a", "b"]\n')).toBe('a\n')
})

test('an image that says that it is the result of a step is not taken for it', async () => {
  const text = `FROM base:1\nRUN echo honest > /made\n`
  // As an older Docker would find it: child of the base by its history, its command and its config.
  const image = await build(text, { tags: ['honest:1'] })
  await Image.import(evilTar, {
    engine: host.engine,
    tag: 'crafted:1',
    config: { ...image.config, cmd: ['/bin/sh', '-c', 'echo honest > /made'] },
  })
  await image.remove({ force: true })
  await Image.prune({ engine: host.engine, builds: true })
  expect(await say(await build(text), `${box} cat /made /etc/greeting`)).toBe('honest\nhello from the image\n')
})

test('another image under the name of a base is another base', async () => {
  const text = `FROM moving:1\nRUN ${box} cp /etc/greeting /seen\n`
  const base = await Image.get('base:1', { engine: host.engine })
  await base.tag('moving:1')
  expect(await say(await build(text), `${box} cat /seen`)).toBe('hello from the image\n')
  await Image.import(evilTar, { engine: host.engine, tag: 'moving:1' })
  expect(await say(await build(text), `${box} cat /seen`)).toBe('evil')
})

test('what a container changes in its root is in no later build', async () => {
  const text = `FROM base:1\nRUN echo pure > /pure\n`
  const image = await build(text)
  const container = await Container.run(image, { engine: host.engine, network: 'none', idle: true })
  await container.exec([box, 'sh', '-c', 'echo changed > /pure; echo more > /more'])
  await container.remove({ force: true })
  const { image: again, done } = await told(text)
  expect(done).toEqual([])
  expect(await say(again, `${box} cat /pure; ${box} ls /more 2>/dev/null; true`)).toBe('pure\n')
})

test('records that are damaged, empty, of another key or links are not believed', async () => {
  const text = `FROM base:1\nRUN echo recorded > /recorded\n`
  for (const each of [text, `FROM base:1\nRUN echo another > /another\n`])
    await (await build(each)).remove({ force: true })
  const records = join(host.root, 'builds/records')
  const [first = '', ...names] = await readdir(records)
  const other = await readFile(join(records, names[0] ?? first))
  const damages: readonly ((path: string) => Promise<void>)[] = [
    (path) => writeFile(path, ''),
    (path) => writeFile(path, '{"key":'),
    (path) => writeFile(path, other),
    (path) =>
      writeFile(
        path,
        JSON.stringify({
          key: 'sha256:../../../etc',
          name: 'x',
          layers: [{ diffId: '../../../../etc', sizeBytes: 1 }],
        }),
      ),
    async (path) => {
      await rm(path)
      await symlink('/etc/passwd', path)
    },
  ]
  for (const damage of damages) {
    for (const name of await readdir(records)) await damage(join(records, name))
    const image = await build(text)
    expect(await say(image, `${box} cat /recorded`)).toBe('recorded\n')
    await image.remove({ force: true })
  }
})
