// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()
const seconds = 2

// Takes one connection after the other, and says how much came within the time.
const sink = `use IO::Socket::INET; use Time::HiRes 'time'; $| = 1;
  my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5) or die; print "up\\n";
  while (my $c = $s->accept) { my $n = 0; my $end = time + ${seconds};
    while (time < $end && sysread $c, my $b, 65536) { $n += length $b } print "$n\\n"; close $c }`
const source = `use IO::Socket::INET; $SIG{PIPE} = 'IGNORE'; my $c = IO::Socket::INET->new($ARGV[0] . ':80') or die;
  my $x = 'x' x 65536; while (syswrite $c, $x) {}`

const lines = async (box: Container): Promise<readonly string[]> => {
  const all: string[] = []
  for await (const { line } of box.logs()) all.push(line)
  return all
}
/** Bytes a second. */
const measure = async (from: Container, to: Container): Promise<number> => {
  const before = (await lines(to)).length
  await from.exec(['perl', '-e', source, to.name], { check: false })
  await expect.poll(async () => (await lines(to)).length).toBe(before + 1)
  return Number((await lines(to)).at(-1)) / seconds
}

describe('a rate', () => {
  let network: Network
  let one: Container
  let other: Container
  beforeAll(async () => {
    network = await Network.create({ name: 'roads', internal: true, engine: engine.engine })
    const command = ['perl', '-e', sink]
    one = await engine.run({ name: 'one', network, command, rate: { egress: '512k' } })
    other = await engine.run({ name: 'other', network, command, rate: { ingress: '2MiB' } })
    for (const box of [one, other]) for await (const { line } of box.logs({ follow: true })) if (line === 'up') break
  })

  test('holds for what a container sends, and for what it receives', async () => {
    const slow = await measure(one, other)
    expect(slow).toBeGreaterThan(300_000)
    expect(slow).toBeLessThan(700_000)
    await one.update({ rate: { egress: 'unlimited' } })
    const received = await measure(one, other)
    expect(received).toBeGreaterThan(1_200_000)
    expect(received).toBeLessThan(2_800_000)
    expect(await measure(other, one)).toBeGreaterThan(8_000_000)
  })

  test('is changed while it runs, and holds when it is started again', async () => {
    await other.update({ rate: { ingress: '256k' } })
    await other.stop({ timeoutMs: 0 })
    await other.start()
    await expect.poll(async () => (await lines(other)).at(-1)).toBe('up')
    const again = await measure(one, other)
    expect(again).toBeGreaterThan(150_000)
    expect(again).toBeLessThan(400_000)
  })

  test('is refused where there is no link, and where it is none', async () => {
    for (const network of ['none', 'host', 'container:one'])
      await expect(engine.create({ network, rate: { egress: '1m' } })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
        option: 'rate',
      })
    const alone = await engine.create({ network: 'none' })
    await expect(alone.update({ rate: { egress: '1m' } })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(one.update({ rate: { egress: '10MB' } })).rejects.toMatchObject({ option: 'rate.egress' })
    await expect(one.update({ rate: { egress: 5 } })).rejects.toMatchObject({ option: 'rate.egress' })
  })
})
