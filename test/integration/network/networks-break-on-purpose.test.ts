// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest'
import { type Container, EngineError, Network } from '../../../src/index.js'
import { seenFrom } from '../../support/network-peers.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()

// Answers at once on port 80, and on 81 with a letter twenty times a second.
const talker = `use IO::Socket::IP; $| = 1; $SIG{PIPE} = 'IGNORE'; $SIG{CHLD} = 'IGNORE';
  sub serve { my ($port, $say) = @_; my $s = IO::Socket::IP->new(LocalHost => '0.0.0.0', LocalPort => $port, Listen => 64) or die;
    print "listening\\n"; while (1) { my $c = $s->accept or next; next if fork; $say->($c); exit } }
  if (!fork) { serve(81, sub { my $c = shift; while (syswrite $c, "x") { select undef, undef, undef, 0.05 } }) }
  serve(80, sub { my $c = shift; print $c $c->peerhost })`
const listener = `use IO::Socket::IP; $| = 1; my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 81) or die;
  while (sysread $s, my $b, 1024) { print $b }`

let network: Network
let one: Container
let two: Container
let three: Container

const reaches = async (from: Container, to: Container) => (await seenFrom(from, to.name, 80)) !== 'refused'

describe('a partition', () => {
  beforeAll(async () => {
    network = await Network.create({ name: 'frail', engine: engine.engine })
    const start = (name: string) =>
      engine.run({
        name,
        network,
        command: ['perl', '-e', talker],
        ...(name === 'two' && { ports: ['0.0.0.0::80/tcp'] }),
      })
    ;[one, two, three] = await Promise.all([start('one'), start('two'), start('three')])
    for (const box of [one, two, three]) {
      let up = 0
      for await (const { line } of box.logs({ follow: true })) if (line === 'listening' && ++up === 2) break
    }
  })

  test('keeps containers from each other, in both directions and what they have begun, until it is healed', async () => {
    const talk = one.exec(['perl', '-e', listener, 'two'], { check: false })
    let heard = 0
    const hearing = (async () => {
      for await (const chunk of talk.stdout) heard += chunk.length
    })()
    await expect.poll(() => heard).toBeGreaterThan(2)
    await network.partition(one, [two, three])
    expect(await reaches(one, two)).toBe(false)
    expect(await reaches(two, one)).toBe(false)
    expect(await reaches(three, one)).toBe(false)
    expect(await reaches(two, three)).toBe(true)
    const { address, host } = { address: network.subnets[0]?.gateway ?? '', host: two.hostPort(80) }
    expect(await seenFrom(one, address, host)).toBe('refused')
    const before = heard
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(heard).toBe(before)
    await network.heal(one, two)
    expect(await reaches(one, two)).toBe(true)
    expect(await reaches(one, three)).toBe(false)
    await expect.poll(() => heard).toBeGreaterThan(before)
    await network.heal()
    expect(await reaches(three, one)).toBe(true)
    await talk.kill('SIGKILL')
    await hearing
  })

  test('holds when one of them is started again, and ends when one leaves the network', async () => {
    await network.partition('one', 'two')
    await network.partition('one', 'two')
    await one.restart({ timeoutMs: 0 })
    expect(await reaches(one, two)).toBe(false)
    await network.disconnect(one)
    await network.connect(one)
    expect(await reaches(one, two)).toBe(true)
  })

  test('ends with the process that wanted it', async () => {
    const program = await runProgram(
      engine.directory,
      'breaker',
      `import { Engine, Network } from 'tscontainer'
       const engine = await Engine.open(${JSON.stringify({ root: engine.root, runRoot: engine.runRoot })})
       const network = await Network.get('frail', { engine })
       await network.partition('two', 'three')
       console.log('broken')
       setInterval(() => {}, 1000)`,
    )
    expect(await program.line()).toBe('broken')
    expect(await reaches(two, three)).toBe(false)
    program.process.kill('SIGKILL')
    await expect.poll(() => reaches(two, three)).toBe(true)
  })

  test('is refused with who is not there', async () => {
    await engine.idle({ name: 'stranger', network: 'none' })
    for (const [left, right] of [
      ['one', 'stranger'],
      ['one', 'one'],
      ['one', []],
    ] as const)
      await expect(network.partition(left, right)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(network.partition('one', 'nobody')).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    await expect(network.impair('stranger', { lossPercent: 1 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    for (const wrong of [{ lossPercent: 101 }, { jitterMs: 3 }, { reorderPercent: 10 }, { loss: 1 }])
      await expect(network.impair(one, wrong as object)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})

test('a bad line loses and delays what a container sends, or the kernel says that it cannot', async () => {
  const took = async () => {
    const start = performance.now()
    await seenFrom(one, 'two', 80)
    return performance.now() - start
  }
  // The quickest: what else the machine has to do is no delay of the line.
  const fine = Math.min(await took(), await took(), await took())
  try {
    await network.impair(one, { delayMs: 300 })
  } catch (error) {
    expect(EngineError.is(error, 'ERR_UNSUPPORTED')).toBe(true)
    expect((error as EngineError).hint).toContain('sch_netem')
    return
  }
  expect((await took()) - fine).toBeGreaterThan(500)
  await one.restart({ timeoutMs: 0 })
  expect((await took()) - fine).toBeGreaterThan(250)
  await network.impair(one, { lossPercent: 100 })
  expect(await reaches(one, two)).toBe(false)
  await network.heal(one)
  expect(await reaches(one, two)).toBe(true)
})
