// SPDX-License-Identifier: Apache-2.0
// How is a sandbox made that may reach one host and no other, and how does one hear what it tried? `npx tsx examples/egress.ts`
import { Container, Image, Network } from 'tscontainer'

const sandbox = await Network.create({ egress: { allow: ['api.example.com:443'] } })
try {
  const box = await Container.run(await Image.host(), { idle: true, network: sandbox })
  try {
    const refused = new Promise<string>((resolve) => {
      box.on('egress', ({ destination: { address, port, protocol } }) => resolve(`${address} ${port}/${protocol}`))
    })
    await box.exec([
      'perl',
      '-MIO::Socket::INET',
      '-e',
      'IO::Socket::INET->new(PeerAddr => "host.containers.internal:25", Timeout => 5)',
    ])
    console.log('refused:', await refused)
  } finally {
    await box.remove({ force: true })
  }
} finally {
  await sandbox.remove()
}
