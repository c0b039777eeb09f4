// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

// getaddrinfo of whatever C library it is linked with: the addresses, in order, or the error.
const program = `
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
int main(int argc, char** argv) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  int error = getaddrinfo(argv[1], NULL, &hints, &list);
  if (error) return printf("error %s\\n", error == EAI_NONAME ? "no name" : gai_strerror(error)), 0;
  for (; list; list = list->ai_next) {
    char text[64];
    getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    puts(text);
  }
}`

const busybox = { type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true } as const

let network: Network
let server: Container
let client: Container
let addresses: readonly string[]

beforeAll(async () => {
  const source = join(host.directory, 'lookup.c')
  const lookup = join(host.directory, 'lookup')
  await writeFile(source, program)
  await promisify(execFile)('musl-gcc', ['-static', '-O1', source, '-o', lookup])
  network = await Network.create({ engine: host.engine, name: 'yard', ipv6: true })
  server = await host.run({
    name: 'front',
    hostname: 'facade',
    network: [{ network, aliases: ['www'] }],
    mounts: [busybox],
    command: ['/opt/busybox', 'httpd', '-f', '-p', '[::]:80', '-h', '/etc'],
  })
  const musl = { type: 'bind', source: lookup, target: '/opt/musl-lookup', readonly: true } as const
  client = await host.idle({ network, mounts: [busybox, musl] })
  addresses = [...((await server.inspect()).networks[0]?.addresses ?? [])].sort()
})
afterAll(async () => {
  for (const box of [client, server]) await box?.remove({ force: true })
  await network?.remove()
})

const said = async (...argv: readonly string[]) => (await client.exec(argv, { check: false })).stdout

const resolvers: Readonly<Record<string, (name: string) => Promise<readonly string[]>>> = {
  musl: async (name) => (await said('/opt/musl-lookup', name)).trim().split('\n'),
  glibc: async (name) =>
    [...(await said('getent', 'ahosts', name)).matchAll(/^(\S+) +STREAM/gm)].map(([, a]) => a ?? ''),
  'glibc over TCP': async (name) => {
    const text = await said('env', 'RES_OPTIONS=use-vc', 'getent', 'ahosts', name)
    return [...text.matchAll(/^(\S+) +STREAM/gm)].map(([, a]) => a ?? '')
  },
  busybox: async (name) => {
    const [, ...found] = (await said('/opt/busybox', 'nslookup', name)).split(/^Name:/m)
    return [...found.join('').matchAll(/^Address(?: \d)?:\s+(\S+)/gm)].map(([, a]) => a ?? '')
  },
}

test.each(Object.keys(resolvers))('%s finds a container by each of its names, and nobody by another', async (name) => {
  const lookUp = resolvers[name] as (typeof resolvers)[string]
  for (const known of ['front', 'www', 'facade', 'front.yard', server.id.slice(0, 12), 'WWW'])
    expect([known, [...(await lookUp(known))].sort()]).toEqual([known, addresses])
  const began = performance.now()
  const none = await lookUp('nobody')
  expect(none.filter((word) => /^[\d.]+$|::/.test(word))).toEqual([])
  expect(performance.now() - began).toBeLessThan(2000 * slow)
})

test('busybox fetches by name', async () => {
  expect(await said('/opt/busybox', 'wget', '-qO-', 'http://www/hostname')).toBe('facade\n')
})

test('a question over TCP is answered, two on one connection', async () => {
  const script = `use IO::Socket::INET; $/ = undef;
    my $ask = sub { my $q = pack("n6", $_[0], 0x100, 1, 0, 0, 0) . "\\3www\\0" . pack("n2", 1, 1); pack("n", length $q) . $q };
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.11", PeerPort => 53) or die; print $s $ask->(7), $ask->(8); $s->flush;
    for (1, 2) { read $s, my $n, 2; read $s, my $a, unpack "n", $n; printf "%d %d %s\\n", unpack("n", $a), unpack("x6 n", $a), join ".", unpack "C4", substr $a, -4 }`
  const four = addresses.find((address) => address.includes('.'))
  expect(await said('perl', '-e', script)).toBe(`7 1 ${four}\n8 1 ${four}\n`)
})
