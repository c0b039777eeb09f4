// SPDX-License-Identifier: Apache-2.0
import { strict as assert } from 'node:assert'
import { Container, type Engine, Image, Network, Ready, Volume } from '../../src/index.js'

/** What a process of the mix works with. */
export interface MixPlace {
  readonly engine: Engine
  /** `127.0.0.1:port` of the registry that has `base:1`. */
  readonly registry: string
  /** Nobody else's, in any process: names of what it makes begin with it. */
  readonly unique: () => string
}

/** One thing that is done again and again; throws where its answer is wrong. */
export type MixDeed = (place: MixPlace) => Promise<void>

const box = '/bin/busybox'
const base = 'base:1'

const once: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const { stdout, exitCode } = await Container.runOnce(base, [box, 'sh', '-c', `echo ${name}; exit 3`], {
    engine,
    name,
    network: 'none',
    check: false,
  })
  assert.deepEqual([stdout, exitCode], [`${name}\n`, 3])
}

const execs: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const container = await Container.run(base, { engine, name, idle: true, network: 'none', memory: '64MiB' })
  try {
    const said = async (number: number) =>
      (await container.exec([box, 'sh', '-c', `${box} cat; echo ${number}`], { stdin: name })).stdout
    const answers = await Promise.all([1, 2, 3, 4].map(said))
    assert.deepEqual(
      answers,
      [1, 2, 3, 4].map((number) => `${name}${number}\n`),
    )
    await container.pause()
    await container.resume()
  } finally {
    await container.remove({ force: true })
  }
}

const commit: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const container = await Container.run(base, { engine, name, idle: true, network: 'none' })
  let image: Image | undefined
  try {
    await container.fs.writeFile('/var/said', name)
    image = await container.commit({ tag: `${name}:1` })
  } finally {
    await container.remove({ force: true })
  }
  const { stdout } = await Container.runOnce(image, [box, 'cat', '/var/said'], { engine, network: 'none' })
  assert.equal(stdout, name)
  await image.remove()
}

const build: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const dockerfileText = `FROM ${base}\nCOPY said /said\nRUN ["${box}", "sh", "-c", "${box} cat /said /said > /twice"]\nRUN ["${box}", "true"]`
  const image = await Image.build({
    engine,
    dockerfileText,
    context: { said: name },
    tags: [`${name}:1`],
    network: 'none',
  })
  const { stdout } = await Container.runOnce(image, [box, 'cat', '/twice'], { engine, network: 'none' })
  assert.equal(stdout, `${name}${name}`)
  await image.remove()
}

const pull: MixDeed = async ({ engine, registry, unique }) => {
  const image = await Image.pull(`${registry}/${base}`, { engine, policy: 'always' })
  const argv = [box, 'cat', '/etc/greeting']
  const { stdout } = await Container.runOnce(image, argv, { engine, name: unique(), network: 'none' })
  assert.equal(stdout, 'hello from the image\n')
}

// By the host's own programs: a static busybox asks no name server.
const serve = (text: string) => `use IO::Socket::INET;
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
  while (my $c = $s->accept) { print $c "${text}\\n"; close $c }`
const ask = "use IO::Socket::INET; print IO::Socket::INET->new('www:80')->getlines"

const network: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const image = await Image.host({ engine })
  const made = await Network.create({ engine, name })
  const boxes: Container[] = []
  try {
    const command = ['perl', '-e', serve(name)]
    const ready = Ready.port(80, { timeoutMs: 120_000 })
    boxes.push(await Container.run(image, { engine, command, network: [{ network: made, aliases: ['www'] }], ready }))
    const asking = await Container.run(image, { engine, idle: true, network: made })
    boxes.push(asking)
    assert.equal((await asking.exec(['perl', '-e', ask])).stdout, `${name}\n`)
  } finally {
    for (const one of boxes) await one.remove({ force: true })
    await made.remove()
  }
}

const volume: MixDeed = async ({ engine, unique }) => {
  const name = unique()
  const made = await Volume.create({ engine, name })
  try {
    const mounts = [{ type: 'volume', source: name, target: '/data' }] as const
    const options = { engine, network: 'none', mounts } as const
    await Container.runOnce(base, [box, 'sh', '-c', `echo ${name} > /data/said`], options)
    const { stdout } = await Container.runOnce(base, [box, 'cat', '/data/said'], options)
    assert.equal(stdout, `${name}\n`)
  } finally {
    await made.remove()
  }
}

// Nothing that anybody is about to use: everything here has a name, and a volume that waits for its container is not anonymous.
const prune: MixDeed = async ({ engine }) => {
  await engine.prune({ images: 'dangling', builds: true, volumes: 'anonymous' })
  await Container.list({ engine, all: true })
  await engine.diskUsage()
}

/** Each, with how often it is done for each time that the rarest is. */
export const mixDeeds: Readonly<Record<string, { readonly deed: MixDeed; readonly weight: number }>> = {
  once: { deed: once, weight: 8 },
  execs: { deed: execs, weight: 6 },
  commit: { deed: commit, weight: 4 },
  build: { deed: build, weight: 4 },
  pull: { deed: pull, weight: 3 },
  network: { deed: network, weight: 2 },
  volume: { deed: volume, weight: 4 },
  prune: { deed: prune, weight: 1 },
}
