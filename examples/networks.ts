// SPDX-License-Identifier: Apache-2.0
// How do containers talk to each other by name? `npx tsx examples/networks.ts`
import { Container, Image, Network, Ready } from 'tscontainer'

const image = await Image.host()
const network = await Network.create({ name: 'example' })
const serve = `use IO::Socket::INET;
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
  while (my $c = $s->accept) { print $c "hello from the server\\n"; close $c }`
const ask = `use IO::Socket::INET; print IO::Socket::INET->new('www:80')->getlines`

const server = await Container.run(image, {
  name: 'server',
  command: ['perl', '-e', serve],
  network: [{ network, aliases: ['www'] }],
  ready: Ready.port(80),
})
const client = await Container.run(image, { idle: true, network })
try {
  const { stdout } = await client.exec(['perl', '-e', ask])
  console.log(stdout.trim())

  await network.disconnect(server)
  const { exitCode } = await client.exec(['getent', 'hosts', 'www'], { check: false })
  console.log(exitCode === 0 ? 'still there' : 'nobody is called so any more')
} finally {
  for (const container of [client, server]) await container.remove({ force: true })
  await network.remove()
}
