// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// Node has no such sockets. 132 is its protocol.
const server = `use Socket; $| = 1; socket(my $s, AF_INET, SOCK_STREAM, 132) or die "socket: $!"; bind $s, sockaddr_in(9, INADDR_ANY) or die;
  listen $s, 5 or die; print "listening\\n"; while (accept my $c, $s) { syswrite $c, "by sctp"; close $c }`
const client = (port: number) => `use Socket; socket(my $s, AF_INET, SOCK_STREAM, 132) or die; alarm 5;
  connect $s, sockaddr_in(${port}, inet_aton("127.0.0.1")) or die "connect: $!"; sysread $s, my $said, 100; print $said`

testNeeding('root', 'SCTP')('an association through a published port reaches the container', async () => {
  await using box = await host.run({ command: ['perl', '-e', server], ports: ['9/sctp'] })
  for await (const { line } of box.logs({ follow: true })) if (line.includes('listening')) break
  const { stdout } = await promisify(execFile)('perl', ['-e', client(box.hostPort(9, 'sctp'))])
  expect(stdout).toBe('by sctp')
})

testNeeding('ordinary user')('without root it is refused, with a word on why', async () => {
  await expect(host.create({ ports: ['9/sctp'] })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
})
