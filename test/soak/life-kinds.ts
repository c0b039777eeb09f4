// SPDX-License-Identifier: Apache-2.0
import { strict as assert } from 'node:assert'
import { Container, type Engine, type Image } from '../../src/index.js'

/** Where lives are lived. */
export interface LifePlace {
  readonly engine: Engine
  readonly image: Image
}

/** Which life it is; its name is nobody else's. */
export interface Life {
  readonly number: number
  readonly name: string
}

/** Lives one life and looks at what comes of it; resolves with the exit code that its `stopped` event has to tell. */
export type LifeKind = (place: LifePlace, life: Life) => Promise<number>

const logsOf = async (container: Container): Promise<string> => {
  const lines: string[] = []
  for await (const { stream, line } of container.logs()) lines.push(`${stream} ${line}`)
  return lines.sort().join('\n')
}

const main =
  (network: 'none' | 'bridge', before: string, first: readonly string[]): LifeKind =>
  async ({ engine, image }, { number, name }) => {
    const code = number % 7
    const command = ['sh', '-c', `${before} echo out ${name}; echo err ${name} >&2; exit ${code}`]
    const container = await Container.create(image, { engine, name, command, network })
    await container.start()
    const exit = await container.wait()
    assert.equal(exit.code, code)
    const lines = [`stderr err ${name}`, ...first, `stdout out ${name}`].sort()
    assert.equal(await logsOf(container), lines.join('\n'))
    await container.remove()
    return code
  }

const once: LifeKind = async ({ engine, image }, { number, name }) => {
  const argv = ['sh', '-c', `cat; echo err ${name} >&2; exit ${number % 5}`]
  const options = { engine, name, network: 'none', stdin: `in ${name}`, check: false } as const
  const { stdout, stderr, exitCode } = await Container.runOnce(image, argv, options)
  assert.deepEqual(
    { stdout, stderr, exitCode },
    { stdout: `in ${name}`, stderr: `err ${name}\n`, exitCode: number % 5 },
  )
  return 137
}

const inside: LifeKind = async ({ engine, image }, { name }) => {
  const container = await Container.run(image, { engine, name, idle: true, network: 'none', memory: '64MiB' })
  await container.fs.writeFile('/tmp/written', name)
  const { stdout } = await container.exec(['cat', '/tmp/written', '/etc/hostname'])
  assert.equal(stdout, `${name}${container.id.slice(0, 12)}\n`)
  await container.remove({ force: true })
  return 137
}

/** A life is each of them in turn. */
export const lifeKinds: readonly LifeKind[] = [
  main('none', '', []),
  once,
  inside,
  main('bridge', 'test -e /sys/class/net/eth0 && echo a link;', ['stdout a link']),
]
