// SPDX-License-Identifier: Apache-2.0
// How do I start a service, wait until it answers and talk to it? `npx tsx examples/dial.ts`
import { Container, Engine, EngineError, Image, Ready } from 'tscontainer'

// A web server of one line: whatever it is asked, it says hello. Any server of any image would do.
const server = `use IO::Socket::IP; $s = IO::Socket::IP->new(LocalPort => 8080, Listen => 9) or die $@;
  while ($c = $s->accept) { while (<$c>) { last if /^\\s*$/ } print $c "HTTP/1.0 200 OK\\r\\n\\r\\nhello\\n"; close $c }`

const image = await Image.host()
const web = await Container.run(image, {
  name: 'web',
  command: ['perl', '-e', server],
  ready: Ready.http('/', { port: 8080, timeoutMs: 20_000 }),
})
try {
  // A connection as Node has them. No port was published: from outside there is nothing to be seen.
  const socket = await web.dial(8080)
  socket.write('GET / HTTP/1.0\r\n\r\n')
  for await (const chunk of socket) console.log(String(chunk).split('\r\n')[0])

  // fetch finds containers by their names.
  const dispatcher = await Engine.default.dispatcher()
  const response = await fetch('http://web:8080/', { dispatcher })
  console.log((await response.text()).trim())
  await dispatcher.close()
} finally {
  await web.remove({ force: true })
}

// What does not become ready says why, and nothing of it is left.
try {
  await Container.run(image, { command: ['sh', '-c', 'echo no config >&2; exit 78'], ready: Ready.port(8080) })
} catch (error) {
  if (!EngineError.is(error, 'ERR_CONTAINER_EXITED')) throw error
  console.log(error.exit.code, error.logs.map(({ line }) => line).join())
}
