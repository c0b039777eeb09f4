// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { openChannel } from '../../../src/native/channel.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

interface Answer {
  readonly id: number
  readonly error?: { readonly step: string; readonly errno: string }
}

// What one packet is answered, on a connection of its own.
const ask = (text: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const channel = openChannel(
      join(host.runRoot, 'v1/supervisor.sock'),
      (answer) => {
        channel.close()
        resolve(JSON.parse(answer))
      },
      (errno) => reject(new Error(`closed: ${errno}`)),
    )
    channel.setReferenced(true)
    channel.send(text)
  })

const id = 'e'.repeat(64)
const own = (more: object = {}) =>
  JSON.stringify({ id: 7, op: 'create', container: id, name: 'lines', idle: true, ...more })
const common = JSON.stringify({ spec: { linux: {} }, record: {} })

const refused: Readonly<Record<string, readonly [text: string, id: number, step: string, errno: string]>> = {
  'a second line that is missing': [`${own()}\n`, 7, 'parse request', 'EINVAL'],
  'a second line that is cut short': [`${own()}\n${common.slice(0, -1)}`, 7, 'parse request', 'EINVAL'],
  'a second line that is no object': [`${own()}\n[]`, 7, 'parse request', 'EINVAL'],
  'a third line': [`${own()}\n${common}\n{}`, 7, 'parse request', 'EINVAL'],
  'a second line of a detached container': [`${own({ detached: true })}\n${common}`, 7, 'parse request', 'EINVAL'],
  'a specification that is none': [
    `${own()}\n{"spec":{"linux":{"namespaces":[{"type":"?"}]}}}`,
    7,
    'parse namespace',
    'EINVAL',
  ],
  'a second line after another request': [`{"id":7,"op":"list"}\n${common}`, 0, 'parse request', 'ENOSYS'],
  'two lines of which the first is none': [`{\n${common}`, 0, 'parse request', 'ENOSYS'],
  'a large second line that is cut short, in a memfd': [
    `${own()}\n{"record":"${'x'.repeat(200_000)}`,
    7,
    'parse request',
    'EINVAL',
  ],
}

test.for(Object.entries(refused))('%s is refused, and others go on', async ([, [text, answered, step, errno]]) => {
  await host.engine.info()
  for (let i = 0; i < 2; i++) expect(await ask(text)).toMatchObject({ id: answered, error: { step, errno } })
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
})

test('what a container is made of is its own, whoever sent the same before', async () => {
  const make = (hostname?: string, labels?: Record<string, string>) =>
    host.run({
      command: ['sh', '-c', 'hostname; echo "$HOME" >/wrote; cat /wrote; sleep 100'],
      network: 'none',
      ...(hostname && { hostname }),
      ...(labels && { labels }),
    })
  const boxes = [await make('one'), await make('two'), await make(), await make('three', { a: 'b' })]
  const names = await Promise.all(boxes.map((box) => box.exec(['hostname'])))
  expect(names.map(({ stdout }) => stdout.trim())).toEqual(['one', 'two', boxes[2]?.id.slice(0, 12), 'three'])
  expect((await boxes[3]?.inspect())?.labels).toMatchObject({ a: 'b' })
  expect((await boxes[0]?.inspect())?.labels).not.toHaveProperty('a')
  if (has('root')) {
    await boxes[0]?.update({ pidsLimit: 77 })
    const limited = await make('four')
    for await (const { pidsLimit } of limited.stats()) {
      expect(pidsLimit).not.toBe(77)
      break
    }
    await limited.remove({ force: true })
  }
  for (const box of boxes) await box.remove({ force: true })
})

test('what does not fit into a packet is known again, too', async () => {
  const env = { LARGE: 'x'.repeat(120_000) }
  for (const hostname of ['one', 'two']) {
    const box = await host.run({
      command: ['sh', '-c', 'hostname; echo $LARGE | wc -c'],
      hostname,
      env,
      network: 'none',
    })
    await box.wait()
    const lines: string[] = []
    for await (const { line } of box.logs()) lines.push(line)
    expect(lines).toEqual([hostname, '120001'])
    await box.remove()
  }
})
