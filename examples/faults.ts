// SPDX-License-Identifier: Apache-2.0
// What does my program do when the network breaks? `npx tsx examples/faults.ts`
import { Container, EngineError, Image, Network, Ready } from 'tscontainer'

const image = await Image.host()
const network = await Network.create({ name: 'frail' })
const serve = `use IO::Socket::INET;
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
  while (my $c = $s->accept) { print $c "hello"; close $c }`
const ask = `use IO::Socket::INET;
  my $c = IO::Socket::INET->new(PeerAddr => 'server', PeerPort => 80, Timeout => 1); print $c ? $c->getline : 'no answer'`

const server = await Container.run(image, {
  name: 'server',
  command: ['perl', '-e', serve],
  network,
  ready: Ready.port(80),
})
const client = await Container.run(image, { name: 'client', idle: true, network })
const say = async (when: string) => console.log(`${when}: ${(await client.exec(['perl', '-e', ask])).stdout}`)
try {
  await say('at first')
  await network.partition(client, server)
  await say('apart')
  await network.heal(client, server)
  await say('healed')

  await network.impair(client, { delayMs: 100, jitterMs: 20, lossPercent: 1 })
  await say('on a bad line')
} catch (error) {
  if (!EngineError.is(error, 'ERR_UNSUPPORTED')) throw error
  console.log(`on a bad line: ${error.hint}`)
} finally {
  for (const container of [client, server]) await container.remove({ force: true })
  await network.remove()
}
